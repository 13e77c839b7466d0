#include "lead.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#include "child/settle.h"
#include "fault.h"
#include "park/tasks.h"
#include "raw.h"
#include "tine.h"

/* How long the first attempt waits for a thread that does not come; the others wait longer, until the limit. */
#define FIRST_PATIENCE_NS 50000000

enum phase { IDLE, REQUESTED, RUNNING, DONE };

static _Atomic int32_t busy;
static _Atomic int32_t phase;
static tine__errand *errand;
static int64_t released_ns;

int tine__lead_claim(void) {
  int32_t free = 0;
  return atomic_compare_exchange_strong(&busy, &free, 1) ? 0 : -EBUSY;
}

int tine__lead_persist(tine__attempt *attempt, int64_t begin_ns, int64_t limit_ns) {
  int64_t patience_ns = FIRST_PATIENCE_NS;
  int outcome;
  do {
    outcome = attempt(patience_ns);
    patience_ns *= 2;
  } while (outcome == TINE__STUCK && tine__now_ns() - begin_ns < limit_ns);
  return outcome == TINE__STUCK ? -ETIMEDOUT : outcome;
}

void tine__lead_yield(void) { atomic_store(&busy, 0); }

int64_t tine__lead_released_ns(void) { return released_ns; }

/* Called in the handler of the leader. */
void tine__lead(ucontext_t *context) {
  int32_t requested = REQUESTED;
  if (!atomic_compare_exchange_strong(&phase, &requested, RUNNING)) return; /* stray, or the requester gave up */
  enum tine__outcome outcome = errand(context);
  released_ns = tine__now_ns();
  /* DONE before release: the requester may be parked too, and looks at the phase as soon as it is released. */
  atomic_store(&phase, DONE);
  if (outcome == TINE__SETTLE)
    tine__child_settle();
  else if (outcome == TINE__RELEASE)
    tine__park_release();
  tine__futex_wake(&phase, 1);
  if (outcome != TINE__NOBODY_PARKED) tine__park_see_off();
}

/* The leader does not answer: why? -ESRCH: it has exited; else -ETIMEDOUT with the obstacle. */
static int leader_obstacle(int park_signal, struct tine__obstruction *obstruction) {
  char text[1024];
  const char *state = NULL;
  if (tine__read_file("/proc/self/stat", text, sizeof text) > 0) state = strrchr(text, ')');
  if (state != NULL && (state[2] == 'Z' || state[2] == 'X')) return -ESRCH;
  memset(obstruction, 0, sizeof *obstruction);
  tine__task_obstacle((int32_t)raw0(SYS_getpid), park_signal, obstruction);
  return -ETIMEDOUT;
}

int tine__lead_run(tine__errand *wanted, int signal, int64_t limit_ns, struct tine__obstruction *obstruction) {
  const int64_t look_ns = 10000000;
  int32_t pid = (int32_t)raw0(SYS_getpid);
  int64_t deadline = tine__now_ns() + limit_ns;
  errand = wanted;
  atomic_store(&phase, REQUESTED);
  long error = tine__fault(TINE_STAGE_LEADER);
  if (error == 0) error = raw3(SYS_tgkill, pid, pid, signal);
  int32_t now;
  while (error == 0 && (now = atomic_load(&phase)) != DONE) {
    tine__futex_wait(&phase, now, now == REQUESTED ? look_ns : -1);
    if (atomic_load(&phase) != REQUESTED) continue; /* once it runs it ends by itself, within its own limit */
    error = leader_obstacle(signal, obstruction);
    /* Also one that blocks the signal gets its time: it may be leaving the handler of the errand before. */
    if (error == -ETIMEDOUT && tine__now_ns() < deadline) error = 0;
  }
  if (error == 0) return 0;
  /* Taking the request back: if the leader has begun meanwhile, it is carried out after all. */
  int32_t requested = REQUESTED;
  if (atomic_compare_exchange_strong(&phase, &requested, IDLE)) return (int)error;
  while ((now = atomic_load(&phase)) != DONE) tine__futex_wait(&phase, now, -1);
  return 0;
}
