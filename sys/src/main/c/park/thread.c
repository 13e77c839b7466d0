#include "park/thread.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

#include "raw.h"

#ifndef PR_GET_TID_ADDRESS
#define PR_GET_TID_ADDRESS 40
#endif
#define IOPRIO_WHO_PROCESS 1

/* The layout of struct rseq that has been stable since Linux 4.18; sys/rseq.h appeared in glibc 2.35. */
struct rseq_area {
  uint32_t cpu_id_start;
  int32_t cpu_id;
  uint64_t critical_section;
};
#define RSEQ_SIGNATURE 0x53053053 /* what glibc registers with on x86 */
#define RSEQ_SIZE_MIN 32u

/* glibc 2.35 and later; absent in older ones, which do not use rseq. */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

static struct rseq_area *registered_rseq(const struct tine__thread *thread) {
  if (&__rseq_size == NULL || __rseq_size == 0 || thread->tid_address == NULL) return NULL;
  struct rseq_area *area = (struct rseq_area *)(thread->bases.tls + (uintptr_t)__rseq_offset);
  return area->cpu_id >= 0 ? area : NULL; /* negative: this thread never registered, or could not */
}

void tine__thread_capture(struct tine__thread *thread, pid_t tid, ucontext_t *context) {
  thread->next = NULL;
  thread->tid = tid;
  thread->context = context;
  tine__bases_get(&thread->bases);
  thread->robust_list = NULL;
  thread->robust_list_size = 0;
  raw3(SYS_get_robust_list, 0, &thread->robust_list, &thread->robust_list_size);
  thread->tid_address = NULL;
  raw2(SYS_prctl, PR_GET_TID_ADDRESS, &thread->tid_address);
  /* Memory that holds another number is not a tid field of glibc's: it must not be patched. */
  if (thread->tid_address != NULL && *thread->tid_address != thread->tid) thread->tid_address = NULL;
  thread->rseq = registered_rseq(thread);
  thread->pending = 0;
  thread->scheduling.size = sizeof thread->scheduling;
  raw4(SYS_sched_getattr, 0, &thread->scheduling, sizeof thread->scheduling, 0);
  for (int i = 0; i < TINE__CPU_WORDS; i++) thread->affinity[i] = 0;
  thread->affinity_size = raw3(SYS_sched_getaffinity, 0, sizeof thread->affinity, thread->affinity);
  thread->timer_slack_ns = raw1(SYS_prctl, PR_GET_TIMERSLACK);
  thread->io_priority = raw2(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0);
  raw2(SYS_prctl, PR_GET_NAME, thread->name);
}

static int same_scheduling(const struct tine__scheduling *a, const struct tine__scheduling *b) {
  return a->policy == b->policy && a->flags == b->flags && a->nice == b->nice && a->priority == b->priority &&
         a->runtime_ns == b->runtime_ns && a->deadline_ns == b->deadline_ns && a->period_ns == b->period_ns;
}

static int same_affinity(const struct tine__thread *a, const struct tine__thread *b) {
  for (int i = 0; i < TINE__CPU_WORDS; i++)
    if (a->affinity[i] != b->affinity[i]) return 0;
  return 1;
}

void tine__thread_restore(const struct tine__thread *thread, const struct tine__thread *leader) {
  raw2(SYS_set_robust_list, thread->robust_list, thread->robust_list_size);
  if (thread->rseq != NULL) {
    struct rseq_area *area = thread->rseq;
    area->critical_section = 0; /* the kernel left it when it delivered the park signal */
    unsigned size = __rseq_size > RSEQ_SIZE_MIN ? (__rseq_size + 31u) & ~31u : RSEQ_SIZE_MIN;
    /* A registered size that the kernel will not take again must not leave a frozen cpu_id behind, which
       sched_getcpu(3) would trust: mark the area as failed, and glibc asks the kernel. */
    if (raw4(SYS_rseq, area, size, 0, RSEQ_SIGNATURE) < 0) area->cpu_id = -2;
  }
  tine__bases_set_extra(&thread->bases);
  raw2(SYS_prctl, PR_SET_NAME, thread->name);
  if (thread->affinity_size > 0 && !same_affinity(thread, leader))
    raw3(SYS_sched_setaffinity, 0, thread->affinity_size, thread->affinity);
  if (!same_scheduling(&thread->scheduling, &leader->scheduling))
    raw3(SYS_sched_setattr, 0, &thread->scheduling, 0);
  if (thread->timer_slack_ns > 0 && thread->timer_slack_ns != leader->timer_slack_ns)
    raw2(SYS_prctl, PR_SET_TIMERSLACK, thread->timer_slack_ns);
  if (thread->io_priority >= 0 && thread->io_priority != leader->io_priority)
    raw3(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, thread->io_priority);
  for (uint64_t rest = thread->pending; rest != 0; rest &= rest - 1) /* still blocked: delivered by sigreturn */
    raw3(SYS_tgkill, raw0(SYS_getpid), raw0(SYS_gettid), __builtin_ctzll(rest) + 1);
}
