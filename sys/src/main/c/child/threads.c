#include <sched.h>
#include <sys/syscall.h>

#include "child/child.h"
#include "fault.h"
#include "identity/identity.h"
#include "loader.h"
#include "park/park.h"
#include "raw.h"

/* As pthread_create(3) does it. */
#define PTHREAD_FLAGS                                                                                       \
  (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS)
#define TID_FLAGS (CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static const struct tine__thread *leader_record;

/*
 * A re-created thread begins here, on a small stack that it leaves for the one it goes on with. Beginning on that one,
 * below the frame of its handler, would work as well, but write to it: most threads only wait, and then their stack
 * stays shared with the parent.
 */
static void begin(void *argument) {
  const struct tine__thread *thread = argument;
  tine__thread_restore(thread, leader_record);
  tine__park_resume(thread);
}

void tine__child_touch(void) {
  for (const struct tine__thread *thread = atomic_load(&tine__parked); thread != NULL; thread = thread->next) {
    if (thread->tid_address != NULL) *(volatile int *)thread->tid_address = thread->tid;
    if (thread->rseq != NULL) *(volatile uint32_t *)thread->rseq = *(uint32_t *)thread->rseq;
    volatile int32_t *remembered = tine__identity_tid(thread);
    if (remembered != NULL) *remembered = thread->tid;
  }
}

int tine__child_threads(const struct tine__thread *leader) {
  leader_record = leader;
  int32_t *leader_remembered = tine__identity_tid(leader); /* a launcher may run Java in the primordial thread */
  if (leader_remembered != NULL) *leader_remembered = (int32_t)raw0(SYS_gettid);
  int index = 0;
  for (struct tine__thread *thread = atomic_load(&tine__parked); thread != NULL; thread = thread->next) {
    int error = tine__fault(TINE_STAGE_THREADS);
    if (error < 0) return error;
    /* The kernel writes the new tid into glibc's pthread.tid before clone returns, so that a thread released later
       can join or signal this one even if it has not run yet. */
    unsigned long flags = PTHREAD_FLAGS | (thread->tid_address != NULL ? TID_FLAGS : 0);
    long tid = tine__clone_thread(flags, tine__park_scratch(index++), thread->tid_address, thread->bases.tls, begin, thread);
    if (tid < 0) return (int)tid;
    int32_t *remembered = tine__identity_tid(thread);
    if (remembered != NULL) *remembered = (int32_t)tid;
    tine__loader_rename(thread->tid, (int32_t)tid);
  }
  return 0;
}
