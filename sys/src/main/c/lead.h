/*
 * Errands: what the leader does inside its signal handler, on the requester's behalf.
 *
 * Two threads take part: the requester, which calls, and the leader, the primordial thread. They meet in one phase, so
 * one errand is under way at a time; the requester may be parked meanwhile.
 */
#ifndef TINE_LEAD_H
#define TINE_LEAD_H

#include <limits.h>
#include <stdint.h>
#include <ucontext.h>

#include "park/park.h"

/* What is to become of the parked threads when an errand is done. */
enum tine__outcome {
  TINE__NOBODY_PARKED,
  TINE__RELEASE,
  TINE__SETTLE /* in a child: the requester goes on alone, and the others when it is whole */
};

/* Runs in the handler of the leader: raw system calls only once a thread is parked. */
typedef enum tine__outcome tine__errand(ucontext_t *context);

/* Takes the right to send the leader on errands; -EBUSY: another has it. */
int tine__lead_claim(void);

/*
 * Something that has the leader park all threads. TINE__STUCK: a thread has not come for patience_ns, or there are more than
 * there was room for, and all go on; else what came of it.
 */
typedef int tine__attempt(int64_t patience_ns);
#define TINE__STUCK INT_MIN /* no -errno */

/* Attempts it, each time with more patience, until it is not stuck any more. -ETIMEDOUT: it is, limit_ns after begin_ns. */
int tine__lead_persist(tine__attempt *attempt, int64_t begin_ns, int64_t limit_ns);

/* Gives it back. */
void tine__lead_yield(void);

/*
 * Has the leader carry out an errand, in this process and in those that it makes. 0, or -errno if it was not begun:
 * -ESRCH: the leader has exited; -ETIMEDOUT: it does not answer within the limit, for the reason in *obstruction.
 * Not AS-safe.
 */
int tine__lead_run(tine__errand *errand, int signal, int64_t limit_ns, struct tine__obstruction *obstruction);

/* When the threads of the last errand were released. */
int64_t tine__lead_released_ns(void);

#endif
