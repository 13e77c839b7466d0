/*
 * Numbers that are duplicates of one description, in a child too: what is done through one is seen through the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "raw.h"
#include "survey/parts.h"

/* A description can have so many different marks: numbers of signals. */
#define MARKS 63

/* Another process marks for microseconds; it may lose its processor meanwhile. */
#define ATTEMPTS 200

/* So many before kcmp(2) is asked. */
#define QUICK_ATTEMPTS 3

struct tine__descriptor *tine__with_key(struct tine__survey *survey, uint64_t key) {
  uint32_t at = survey->places[key & (survey->place_count - 1)];
  while (at != 0 && survey->descriptors[at - 1].key != key) at = survey->descriptors[at - 1].next;
  return at == 0 ? NULL : &survey->descriptors[at - 1];
}

struct tine__descriptor *tine__next_with_key(struct tine__survey *survey, const struct tine__descriptor *descriptor) {
  uint32_t at = descriptor->next;
  while (at != 0 && survey->descriptors[at - 1].key != descriptor->key) at = survey->descriptors[at - 1].next;
  return at == 0 ? NULL : &survey->descriptors[at - 1];
}

int tine__places(struct tine__survey *survey) {
  uint32_t wanted = 256;
  while (wanted < 2 * survey->count) wanted *= 2;
  while (survey->place_capacity < wanted) {
    int error = tine__grow((void **)&survey->places, survey->place_capacity, &survey->place_capacity, sizeof(uint32_t));
    if (error < 0) return error;
  }
  survey->place_count = wanted;
  for (uint32_t i = 0; i < wanted; i++) survey->places[i] = 0;
  /* Backwards, so that the first of a place is the one with the lowest number. */
  for (uint32_t i = survey->count; i-- > 0;) {
    struct tine__descriptor *d = &survey->descriptors[i];
    uint32_t *place = &survey->places[d->key & (wanted - 1)];
    d->next = *place;
    *place = i + 1;
  }
  return 0;
}

static int is_socket(const struct tine__descriptor *d) {
  return d->kind == TINE_KIND_FRESH_SOCKET || d->kind == TINE_KIND_CONNECTION || d->kind == TINE_KIND_SOCKET_PAIR;
}

static int is_always_shared(const struct tine__descriptor *d) {
  return d->kind == TINE_KIND_OTHER || d->kind == TINE_KIND_DEVICE || d->kind == TINE_KIND_FIFO ||
         d->kind == TINE_KIND_LISTENER || d->kind == TINE_KIND_BOUND_SOCKET;
}

static void alias(struct tine__survey *survey, struct tine__descriptor *d, struct tine__descriptor *first) {
  d->original = (int32_t)(first - survey->descriptors);
  /* If one of them stays shared, because it is standard output or was asked for, so do all. */
  if (d->fate == TINE__SHARED) first->fate = TINE__SHARED;
}

static long mark_of(const struct tine__descriptor *d) { return raw2(SYS_fcntl, d->fd, F_GETSIG); }

static long set_mark(const struct tine__descriptor *d, long mark) { return raw3(SYS_fcntl, d->fd, F_SETSIG, mark); }

/*
 * Which of the descriptors that look alike are one description? Each gets a mark, and who has it already is a duplicate.
 * The mark is the signal that tells of input there, which is nothing to descriptions that have not asked for one by
 * O_ASYNC; it is taken away at once. kcmp(2) compares two, takes ten times as long, and is denied in many containers: it is
 * asked about the few that seem to be duplicates.
 *
 * A description may be another process's as well (standard output, what was inherited by a fork), which may look for
 * duplicates at the same moment: then a mark that is found is not of this process, or one of this process's has gone. So
 * nothing is concluded from a mark but what is seen again when it is changed, and all begins anew if one is not as it was left.
 */
/* 0: they are one description; more: they are not; -errno: it is denied. */
static long kcmp(long pid, const struct tine__descriptor *a, const struct tine__descriptor *b) {
  return raw5(SYS_kcmp, pid, pid, KCMP_FILE, a->fd, b->fd);
}

/* Does the mark of `first` come and go on `d` as well? Another process would have to set and take the same one in step. */
static int follows(const struct tine__descriptor *d, const struct tine__descriptor *first, long mark) {
  if (set_mark(first, 0) < 0 || mark_of(d) != 0) return 0;
  return set_mark(first, mark) == 0 && mark_of(d) == mark;
}

static int is_duplicate(const struct tine__descriptor *d, const struct tine__descriptor *first, long mark) {
  long order = kcmp(raw0(SYS_getpid), d, first);
  return order >= 0 ? order == 0 : follows(d, first, mark);
}

/* Marks as many as there are marks, and finds their duplicates; returns how many, and in *left how many are not known yet.
   -EAGAIN: there was a mark that is none of these. */
static int mark_some(struct tine__survey *survey, struct tine__descriptor *first, struct tine__descriptor **marked,
                     int *left) {
  int count = 0;
  for (struct tine__descriptor *d = first; d != NULL; d = tine__next_with_key(survey, d)) {
    if (d->settled) continue;
    long mark = mark_of(d);
    if (mark > count || (mark > 0 && !is_duplicate(d, marked[mark], mark))) {
      while (count > 0) set_mark(marked[count--], 0);
      return -EAGAIN;
    }
    if (mark > 0) {
      alias(survey, d, marked[mark]);
      d->settled = 1;
    } else if (count < MARKS && set_mark(d, count + 1) == 0) {
      marked[++count] = d;
      d->settled = 1;
    } else {
      (*left)++;
    }
  }
  return count;
}

/* Those that have a mark already are left out if it has stayed: they are taken to be different. 0, or -EAGAIN: another
   process was at it. */
static int compare_once(struct tine__survey *survey, struct tine__descriptor *first, int has_stayed) {
  static struct tine__descriptor *marked[MARKS + 1];
  for (struct tine__descriptor *d = first; d != NULL; d = tine__next_with_key(survey, d)) {
    d->original = -1;
    d->settled = d->flags & O_ASYNC || (has_stayed && mark_of(d) != 0); /* then it is the program's */
  }
  for (int left = 1; left > 0;) {
    left = 0;
    int count = mark_some(survey, first, marked, &left), undisturbed = 1;
    if (count < 0) return count;
    for (int i = 1; i <= count; i++) {
      undisturbed &= mark_of(marked[i]) == i;
      set_mark(marked[i], 0);
    }
    if (!undisturbed) return -EAGAIN;
    if (count == 0) return 0; /* no memory for marks */
  }
  return 0;
}

/* Whoever marks meanwhile does not disturb this. 0, or -errno: it is denied. */
static int compare_exactly(struct tine__survey *survey, struct tine__descriptor *first) {
  long pid = raw0(SYS_getpid);
  for (struct tine__descriptor *d = first; d != NULL; d = tine__next_with_key(survey, d)) {
    d->original = -1;
    d->settled = 1;
    for (struct tine__descriptor *earlier = first; earlier != d; earlier = tine__next_with_key(survey, earlier)) {
      if (earlier->original >= 0) continue; /* a duplicate of one that is compared */
      long order = kcmp(pid, d, earlier);
      if (order < 0) return (int)order;
      if (order > 0) continue;
      alias(survey, d, earlier);
      break;
    }
  }
  return 0;
}

static void compare(struct tine__survey *survey, struct tine__descriptor *first) {
  for (int i = 0; i <= ATTEMPTS; i++) {
    if (compare_once(survey, first, i == ATTEMPTS) == 0) return;
    if (i == QUICK_ATTEMPTS && compare_exactly(survey, first) == 0) return;
    raw0(SYS_sched_yield);
  }
}

void tine__aliases(struct tine__survey *survey) {
  for (uint32_t i = 0; i < survey->count; i++) {
    struct tine__descriptor *d = &survey->descriptors[i];
    if (d->settled || is_always_shared(d)) continue;
    struct tine__descriptor *second = tine__next_with_key(survey, d);
    if (second == NULL) continue;
    if (is_socket(d)) { /* whose inode has one description */
      for (; second != NULL; second = tine__next_with_key(survey, second)) {
        if (second->inode != d->inode) continue;
        alias(survey, second, d);
        second->settled = 1;
      }
    } else if (second->flags != d->flags && tine__next_with_key(survey, second) == NULL) {
      second->settled = 1; /* the two ends of a pipe */
    } else {
      compare(survey, d);
    }
  }
  for (uint32_t i = 0; i < survey->count; i++) {
    struct tine__descriptor *d = &survey->descriptors[i];
    if (d->original >= 0) d->fate = survey->descriptors[d->original].fate;
  }
}
