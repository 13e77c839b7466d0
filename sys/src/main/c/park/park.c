#include "park/park.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "fault.h"
#include "numbers.h"
#include "park/tasks.h"
#include "raw.h"

/*
 * One round of parking:
 *
 *   open      the gate is opened: a thread that enters the handler from now on parks
 *   signal    the leader signals each task it finds in /proc/self/task and waits for as many to arrive
 *   complete  the kernel's count of threads equals those parked: none is left that could start another
 *   release   the gate is closed, the generation is released, each thread leaves
 *
 * A gate's `inside` counts the threads in the handler. A round opens only when it is 0: otherwise, a thread that read the
 * gate as open in a round that was given up would put its record, on a stack frame it is about to leave, on the list
 * of the next round.
 *
 * The generation is a number, never a flag: with a flag, a thread still on its way out of the last round would take
 * the next round's "hold" for its own and miss its release.
 */
struct tine__thread *_Atomic tine__parked;
/*
 * Two gates: the requester has one of its own, which is opened first. Among a thousand threads that are woken at once it
 * would go on somewhere in the middle, and it is the one that somebody waits for.
 */
static struct tine__gate crowd, requester;
static pid_t requester_tid;
static _Atomic int32_t gate_open;
static _Atomic int32_t opened; /* generation */
static _Atomic int32_t arrived;
static _Atomic int32_t expected; /* the arrival that wakes the leader */

static int park_signal;
static int processors; /* that threads may run on, as of the last tine__park_prepare() */
static pid_t process; /* the pid, as of the last tine__park_prepare() */

/* Open-addressing set of the tids that were signalled in this round; 0 is a free place. */
static int32_t *signalled;
static uint32_t signalled_places; /* a power of two */

/* Memory for the stacks of re-created threads; in a parent never touched. */
static char *scratch;

/* So many threads, and more, leave the handler in turn. */
#define MANY 64

/* How long nobody leaves until the rest need not wait for their turn any more. */
#define STALL_NS 2000000

static struct tine__gate *gate_of(pid_t tid) { return tid == requester_tid ? &requester : &crowd; }

static void attend(pid_t tid, ucontext_t *context) {
  struct tine__gate *gate = gate_of(tid);
  /* Entering before looking at the gate: the other way round, a thread delayed between the two is not counted while
     it acts on a gate that has been closed and opened again meanwhile. */
  atomic_fetch_add(&gate->inside, 1);
  tine__rewind(context);
  if (!atomic_load(&gate_open)) /* a stray signal, or one from a round given up */
    tine__hold(gate, atomic_load(&gate->released), context);
  struct tine__thread record;
  tine__thread_capture(&record, tid, context);
  int32_t generation = atomic_load(&opened);
  record.next = atomic_load(&tine__parked);
  while (!atomic_compare_exchange_weak(&tine__parked, &record.next, &record)) continue;
  /* The list first, then the count: the leader reads the list as soon as the count is complete. */
  if (atomic_fetch_add(&arrived, 1) + 1 == atomic_load(&expected)) tine__futex_wake(&arrived, 1);
  tine__hold(gate, generation, context);
}

__attribute__((noreturn)) void tine__park_resume(const struct tine__thread *thread) {
  tine__hold(gate_of(thread->tid), atomic_load(&opened), thread->context);
}

void *tine__park_scratch(int index) { return scratch + (size_t)(index + 1) * TINE__SCRATCH_SIZE; }

static void on_park_signal(int signal, siginfo_t *info, void *context) {
  (void)signal;
  pid_t tid = (pid_t)raw0(SYS_gettid);
  if (info->si_code != SI_TKILL || info->si_pid != process) {
    tine__rewind(context); /* sent by someone else, who means nothing by it */
  } else if (tid == process) {
    tine__lead(context);
    tine__rewind(context);
  } else {
    attend(tid, context);
  }
}

int tine__park_install(int signal) {
  int fault = tine__fault(TINE_STAGE_SIGNAL);
  if (fault < 0) return fault;
  struct sigaction now;
  if (sigaction(signal, NULL, &now) < 0) return -errno;
  if (now.sa_sigaction == on_park_signal && (now.sa_flags & SA_SIGINFO)) return 0;
  if ((now.sa_flags & SA_SIGINFO) || now.sa_handler != SIG_DFL) return -EBUSY;
  /*
   * All signals are held back in the handler: another handler that runs on top of a parked thread would run in the
   * child as well, and might wait for a thread that is parked. SA_ONSTACK serves runtimes with small stacks (Go);
   * threads without an alternate stack, as all of HotSpot's, stay on their own.
   */
  tine__arch_probe();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_park_signal;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  if (sigaction(signal, &action, NULL) < 0) return -errno;
  park_signal = signal;
  return 0;
}

/* Waits until nobody is inside any more. */
static int await_empty(struct tine__gate *gate, int64_t deadline) {
  int32_t left;
  atomic_store(&gate->inside_watched, 1);
  while ((left = atomic_load(&gate->inside)) != 0) {
    int64_t rest = deadline - tine__now_ns();
    if (rest <= 0) break;
    tine__futex_wait(&gate->inside, left, rest);
  }
  atomic_store(&gate->inside_watched, 0);
  return left == 0 ? 0 : -ETIMEDOUT;
}

int tine__park_prepare(int64_t limit_ns) {
  int64_t deadline = tine__now_ns() + limit_ns;
  int error = await_empty(&crowd, deadline);
  if (error == 0) error = await_empty(&requester, deadline);
  if (error < 0) return error;
  process = (pid_t)raw0(SYS_getpid);
  requester_tid = (pid_t)raw0(SYS_gettid);
  processors = tine__count_processors();

  long threads = tine__count_threads();
  if (threads < 0) return (int)threads;
  uint32_t places = 1024;
  while (places < 4 * (uint64_t)threads + 256) places *= 2; /* at most half full with twice the threads */
  if (places <= signalled_places) return 0;
  size_t scratch_size = (size_t)places / 2 * TINE__SCRATCH_SIZE;
  char *memory = mmap(NULL, places * sizeof *signalled + scratch_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return -errno;
  if (signalled != NULL)
    munmap(signalled, signalled_places * (sizeof *signalled + TINE__SCRATCH_SIZE / 2));
  signalled = (int32_t *)memory;
  scratch = memory + places * sizeof *signalled;
  signalled_places = places;
  return 0;
}

/* 1: added, 0: was there, -EAGAIN: the set is full. */
static int signalled_add(int32_t tid, int32_t count) {
  if ((uint32_t)count > signalled_places / 2) return -EAGAIN;
  for (uint32_t i = (uint32_t)tid * 2654435769u;; i++) { /* Knuth's multiplicative hash */
    int32_t *place = &signalled[i & (signalled_places - 1)];
    if (*place == tid) return 0;
    if (*place == 0) {
      *place = tid;
      return 1;
    }
  }
}

struct signalling {
  int32_t count; /* tasks that took the signal */
  int again;     /* also those signalled before */
};

static int signal_task(int32_t tid, void *state) {
  struct signalling *signalling = state;
  int added = signalled_add(tid, signalling->count);
  if (added < 0 || (added == 0 && !signalling->again)) return added;
  long error = raw3(SYS_tgkill, raw0(SYS_getpid), tid, park_signal);
  if (error == 0) signalling->count += added;
  return error == 0 || error == -ESRCH ? 0 : (int)error; /* ESRCH: it has ended; EAGAIN: RLIMIT_SIGPENDING */
}

struct search {
  struct tine__obstruction *obstruction;
  int exempt; /* io_uring workers: kernel threads in all but name, they run no handler and hold no program state */
};

static int is_parked(int32_t tid) {
  for (const struct tine__thread *t = atomic_load(&tine__parked); t != NULL; t = t->next)
    if (t->tid == tid) return 1;
  return 0;
}

/* Names the first thread that is not parked, and what keeps it. */
static int inspect_task(int32_t tid, void *state) {
  struct search *search = state;
  if (is_parked(tid)) return 0;
  struct tine__obstruction ignored = {0};
  search->exempt += tine__task_obstacle(tid, park_signal, search->obstruction->tid == 0 ? search->obstruction : &ignored);
  return 0;
}

/* Waits until `count` have arrived, or none has for a while. How many are there. */
static int32_t await_arrivals(int32_t count, int64_t patience_ns) {
  /* The count is set after the signals are out, so the last arrival may have come before: look before waiting. */
  atomic_store(&expected, count);
  int32_t here = atomic_load(&arrived);
  while (here < count) {
    tine__futex_wait(&arrived, here, patience_ns);
    int32_t now = atomic_load(&arrived);
    if (now == here) break; /* not even one: whoever is missing is not merely on the way */
    here = now;
  }
  return here;
}

int tine__park_all(int64_t stuck_ns, struct tine__obstruction *obstruction) {
  int64_t progress_at = tine__now_ns();
  int32_t most = 0;
  int64_t patience_ns = 1000000;
  struct signalling signalling = {0, 0};
  struct search search = {obstruction, 0};
  int32_t leader = (int32_t)raw0(SYS_getpid);
  memset(signalled, 0, signalled_places * sizeof *signalled);
  atomic_store(&tine__parked, NULL);
  atomic_store(&arrived, 0);
  atomic_store(&expected, INT_MAX);
  atomic_fetch_add(&opened, 1);
  atomic_store(&gate_open, 1); /* last: a stray signal from here on counts for this round */

  int error;
  while ((error = tine__fault(TINE_STAGE_PARK)) == 0) {
    int32_t before = signalling.count;
    error = tine__each_number("/proc/self/task", leader, signal_task, &signalling);
    if (error < 0) break;
    int32_t here = await_arrivals(signalling.count, patience_ns);
    long threads = tine__count_threads();
    if (threads < 0) {
      error = (int)threads;
      break;
    }
    if (threads == here + 1 + search.exempt) {
      tine__capture_pending(atomic_load(&tine__parked), park_signal);
      return here;
    }
    if (signalling.count != before || here > most) progress_at = tine__now_ns();
    most = here;
    /*
     * Nobody comes any more. A thread that begins or ends, with all signals blocked, may wait for a lock (glibc's of its
     * stacks) that a parked one holds: all have to go on before it can. So the round is given up for another one.
     */
    if (tine__now_ns() - progress_at > stuck_ns) {
      error = -EAGAIN;
      break;
    }
    if (signalling.count != before || here == signalling.count) continue; /* threads come and go: look again at once */
    /* Nobody new, and some do not answer. A tid may have been taken by a new thread since it was signalled. */
    signalling.again = patience_ns >= 8000000;
    if (patience_ns < 16000000) patience_ns *= 2;
    obstruction->tid = 0;
    search.exempt = 0;
    error = tine__each_number("/proc/self/task", leader, inspect_task, &search);
    if (error < 0) break;
  }
  tine__park_release();
  tine__park_see_off();
  return error;
}

static void release(struct tine__gate *gate, int waiters) {
  /* The generation first: one that is woken and does not find it sleeps again, and wakes nobody. */
  atomic_store(&gate->released, atomic_load(&opened));
  tine__futex_wake(&gate->released, waiters);
}

/*
 * With many threads, one is woken for each processor, and each that leaves wakes the next (tine__hold). A thousand at once
 * would all be on the processors, most of them only to wait again, and those that somebody waits for somewhere among them:
 * the thread that forked, in both processes.
 */
static int is_in_turn(void) { return requester_tid != process && atomic_load(&arrived) >= MANY; }

int tine__park_release_requester(void) {
  atomic_store(&gate_open, 0); /* first: who enters from here on must not wait for a release that has been */
  release(&requester, 1);
  return requester_tid != process;
}

void tine__park_release(void) {
  tine__park_release_requester();
  release(&crowd, is_in_turn() ? processors : INT_MAX);
}

void tine__park_see_off(void) {
  if (!is_in_turn()) return;
  int32_t left;
  /* Never taken back here: a requester may wait for the last one by now, and would not be woken. */
  atomic_store(&crowd.inside_watched, 1);
  while ((left = atomic_load(&crowd.inside)) != 0) {
    tine__futex_wait(&crowd.inside, left, STALL_NS);
    if (atomic_load(&crowd.inside) != left) continue;
    /* One whose turn it is does not run: of low priority, bound to a busy processor, stopped by a debugger. */
    tine__futex_wake(&crowd.released, INT_MAX);
    return;
  }
}
