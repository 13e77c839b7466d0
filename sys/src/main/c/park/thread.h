/*
 * One parked thread: what the kernel knows about it and a re-created thread has to be told again.
 *
 * The record lives in the frame of the thread's own signal handler. So there is no table to size, to exhaust or to
 * reuse too early: a record is valid for exactly as long as its thread is parked, in the parent as well as in the copy
 * of its stack that the child gets.
 */
#ifndef TINE_PARK_THREAD_H
#define TINE_PARK_THREAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <ucontext.h>

#include "arch/arch.h"

/* 1,024 processors; a larger machine's affinity is inherited from the leader instead. */
#define TINE__CPU_WORDS 16

/* struct sched_attr of sched_getattr(2), as of Linux 3.14; glibc before 2.41 has none. */
struct tine__scheduling {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime_ns, deadline_ns, period_ns;
};

struct tine__thread {
  struct tine__thread *next;
  pid_t tid;
  ucontext_t *context; /* where it was interrupted; below it on the same stack lies the record */
  struct tine__bases bases;
  int *tid_address; /* glibc's pthread.tid; NULL: a thread that glibc did not make */
  void *robust_list;
  size_t robust_list_size;
  void *rseq; /* NULL: not registered */
  uint64_t pending; /* signals sent to this very thread and not yet delivered; bit n - 1 for signal n */
  struct tine__scheduling scheduling;
  unsigned long affinity[TINE__CPU_WORDS];
  long affinity_size; /* bytes; <= 0: not known */
  long timer_slack_ns;
  long io_priority;
  char name[16];
};

/* Fills the record of the calling thread, whose id is tid. AS-safe. */
void tine__thread_capture(struct tine__thread *thread, pid_t tid, ucontext_t *context);

/*
 * Gives the calling thread, just re-created, what its record says; what it shares with `leader`, whose attributes a
 * clone inherits, is left alone. Failures (EPERM: the program has given up the privilege since) leave the inherited
 * value. AS-safe.
 */
void tine__thread_restore(const struct tine__thread *thread, const struct tine__thread *leader);

#endif
