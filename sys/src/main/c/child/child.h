/*
 * What happens between clone(2) and the first re-created thread, in the child.
 *
 * Here the leader is the only thread, and the others are memory: any lock may be held by one of them. So all code in
 * this folder makes raw system calls only, allocates nothing, touches no lock and no libc state, has one struct as its
 * input, and ends the process in one place: child.c, fail(). The files do not know each other's work; the order of the
 * steps is child.c's.
 */
#ifndef TINE_CHILD_CHILD_H
#define TINE_CHILD_CHILD_H

#include <stdint.h>

#include "park/thread.h"
#include "survey/survey.h"
#include "tine.h"
#include "verdict.h"

struct tine__child {
  struct tine__survey *survey;
  const struct tine__thread *leader;
  const char *title;         /* "": unchanged */
  int32_t parent_pid;        /* whose child this must be, if death_signal is set */
  int32_t death_signal;      /* 0: none */
  int32_t verdict_fd;        /* where the verdict is written to; closed here, or by tine_repaired() */
  int32_t unwanted_fds[2];   /* closed here; -1: none */
  int32_t with_threads;      /* 0: a mold, which stays alone */
  const struct tine_file *files; /* a worker that was ordered with descriptors: whose place each takes */
  const int32_t *file_fds;       /* closed here */
  int32_t file_count;
  int32_t repairs;           /* 1: Java code will say whether it is whole */
  int64_t *descriptors_ns;
  int64_t *threads_ns;
};

/* Makes the copy of the leader that calls it the leader of a whole process. Its other threads wait for
   tine__park_release(). Returns only if all went well. */
void tine__child_become(const struct tine__child *child);

/* Gives each surveyed descriptor a description of its own, on the same number, or the file that came for it. 0 or -errno. */
int tine__child_descriptors(const struct tine__child *child);

/* Fills a new epoll set with its members, which are in place. 0 or -errno. */
int tine__child_fill(const struct tine__survey *survey, const struct tine__descriptor *set);

/*
 * Makes the pages private that are written to for every thread: its tid, glibc's and HotSpot's, and what the kernel
 * writes to its rseq area.
 * Done while this thread is alone, and the parent's are parked: afterwards, each such page costs the other processors an
 * interrupt, in the process that writes first, because they may hold its old address.
 */
void tine__child_touch(void);

/* Re-creates every parked thread. 0 or -errno: some may exist then. */
int tine__child_threads(const struct tine__thread *leader);

#endif
