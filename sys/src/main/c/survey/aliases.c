/*
 * Numbers that are duplicates of one description, in a child too: what is done through one is seen through the other.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "raw.h"
#include "survey/parts.h"

#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY 1027 /* Linux 6.10 */
#endif

/*
 * Makes a mark on one description and looks whether the other has it: which signal tells of input there. It is set back
 * at once, and nobody is sent one who has not asked for it with O_ASYNC.
 */
static int share_a_mark(int32_t a, int32_t b) {
  long before = raw2(SYS_fcntl, a, F_GETSIG);
  if (before < 0 || before != raw2(SYS_fcntl, b, F_GETSIG)) return 0;
  if (raw3(SYS_fcntl, a, F_SETSIG, before == SIGURG ? SIGCHLD : SIGURG) < 0) return 0;
  int same = raw2(SYS_fcntl, b, F_GETSIG) != before;
  raw3(SYS_fcntl, a, F_SETSIG, before);
  return same;
}

int tine__same_description(int32_t a, int32_t b) {
  long same = raw3(SYS_fcntl, a, F_DUPFD_QUERY, b);
  if (same >= 0) return (int)same;
  long pid = raw0(SYS_getpid);
  long order = raw5(SYS_kcmp, pid, pid, KCMP_FILE, a, b);
  if (order >= 0) return order == 0;
  return share_a_mark(a, b); /* an older kernel, and a seccomp filter that denies kcmp, as containers have it */
}

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

static int is_alias(const struct tine__descriptor *first, const struct tine__descriptor *d) {
  if (first->kind != d->kind || first->original >= 0 || first->flags != d->flags) return 0;
  switch (d->kind) {
    case TINE_KIND_FRESH_SOCKET: /* sockets: an inode has one description */
    case TINE_KIND_CONNECTION:
    case TINE_KIND_SOCKET_PAIR:
      return 1;
    case TINE_KIND_OTHER: /* shared in any case */
    case TINE_KIND_DEVICE:
    case TINE_KIND_FIFO:
    case TINE_KIND_LISTENER:
    case TINE_KIND_BOUND_SOCKET:
      return 0;
    default:
      return tine__same_description(first->fd, d->fd);
  }
}

void tine__aliases(struct tine__survey *survey) {
  for (uint32_t i = 0; i < survey->count; i++) {
    struct tine__descriptor *d = &survey->descriptors[i];
    for (struct tine__descriptor *first = tine__with_key(survey, d->key); first != d && first != NULL;
         first = tine__next_with_key(survey, first)) {
      if (!is_alias(first, d)) continue;
      d->original = (int32_t)(first - survey->descriptors);
      /* If one of them stays shared, because it is standard output or was asked for, so do all. */
      if (d->fate == TINE__SHARED) first->fate = TINE__SHARED;
      break;
    }
  }
  for (uint32_t i = 0; i < survey->count; i++) {
    struct tine__descriptor *d = &survey->descriptors[i];
    if (d->original >= 0) d->fate = survey->descriptors[d->original].fate;
  }
}
