#include <sched.h>
#include <sys/syscall.h>

#include "child/child.h"
#include "fault.h"
#include "loader.h"
#include "park/park.h"
#include "raw.h"

/* As pthread_create(3) does it. */
#define PTHREAD_FLAGS                                                                                       \
  (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS)
#define TID_FLAGS (CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

/* Free bytes between a record and the stack that its thread begins on: the ABI's red zone, and some. */
#define STACK_GAP 256

static const struct tine__thread *leader_record;

/* A re-created thread begins here, on the stack of the thread it goes on for, below the frame of its handler. */
static void begin(void *argument) {
  struct tine__thread *thread = argument;
  tine__thread_restore(thread, leader_record);
  tine__park_resume(thread);
}

int tine__child_threads(const struct tine__thread *leader) {
  leader_record = leader;
  for (struct tine__thread *thread = atomic_load(&tine__parked); thread != NULL; thread = thread->next) {
    int error = tine__fault(TINE_STAGE_THREADS);
    if (error < 0) return error;
    /* The kernel writes the new tid into glibc's pthread.tid before clone returns, so that a thread released later
       can join or signal this one even if it has not run yet. */
    unsigned long flags = PTHREAD_FLAGS | (thread->tid_address != NULL ? TID_FLAGS : 0);
    void *stack = (char *)thread - STACK_GAP;
    long tid = tine__clone_thread(flags, stack, thread->tid_address, thread->bases.tls, begin, thread);
    if (tid < 0) return (int)tid;
    tine__loader_rename(thread->tid, (int32_t)tid);
  }
  return 0;
}
