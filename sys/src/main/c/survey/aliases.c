/*
 * Numbers that are duplicates of one description, in a child too: what is done through one is seen through the other.
 */
#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "raw.h"
#include "survey/parts.h"

/* A description can have so many different marks: numbers of signals. */
#define MARKS 63

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

/* Descriptions that have a mark of the program's cannot get one of ours; they are taken to be different. */
static void settle_marked(struct tine__survey *survey, struct tine__descriptor *first) {
  for (struct tine__descriptor *d = first; d != NULL; d = tine__next_with_key(survey, d))
    d->settled = d->flags & O_ASYNC || raw2(SYS_fcntl, d->fd, F_GETSIG) != 0;
}

/*
 * Which of the descriptors that look alike are one description? Each gets a mark, and who has it already is a duplicate.
 * The mark is the signal that tells of input there, which is nothing to descriptions that have not asked for one by
 * O_ASYNC; it is taken away at once. kcmp(2) compares two, takes ten times as long, and is denied in many containers.
 */
static void compare(struct tine__survey *survey, struct tine__descriptor *first) {
  static struct tine__descriptor *marked[MARKS + 1];
  settle_marked(survey, first);
  for (int count, left = 1; left > 0;) {
    count = left = 0;
    for (struct tine__descriptor *d = first; d != NULL; d = tine__next_with_key(survey, d)) {
      if (d->settled) continue;
      long mark = raw2(SYS_fcntl, d->fd, F_GETSIG);
      if (mark > 0) {
        alias(survey, d, marked[mark]);
        d->settled = 1;
      } else if (count < MARKS && raw3(SYS_fcntl, d->fd, F_SETSIG, count + 1) == 0) {
        marked[++count] = d;
        d->settled = 1;
      } else {
        left++;
      }
    }
    for (int i = 1; i <= count; i++) raw3(SYS_fcntl, marked[i]->fd, F_SETSIG, 0);
    if (count == 0) return; /* no memory for marks */
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
