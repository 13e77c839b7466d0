/*
 * Parking: every thread of the process but the leader sits in the park signal's handler and does nothing.
 *
 *   requester --signal--> leader --signal--> every other thread, the requester included
 *
 * The leader is the primordial thread: as the one that calls clone() it becomes the leader of the child, and
 * a child's death signal follows the life of the thread that made it; this one lives as long as the process.
 */
#ifndef TINE_PARK_PARK_H
#define TINE_PARK_PARK_H

#include <stdatomic.h>
#include <stdint.h>

#include "park/thread.h"
#include "tine.h"

struct tine__obstruction {
  int32_t tid;
  int32_t obstacle; /* enum tine_obstacle */
  char name[16];
};

/* Head of the list of parked threads; complete between park_all() and release(). */
extern struct tine__thread *_Atomic tine__parked;

/* Called in the handler of the leader, which is not parked. Defined by lead.c. */
void tine__lead(ucontext_t *context);

/* Installs the handler once; -EBUSY: someone else uses the signal now. Not AS-safe. */
int tine__park_install(int signal);

/* Waits until every thread has left the handler since the last release, and makes room for the threads there are.
   Not AS-safe. -ETIMEDOUT, -ENOMEM. */
int tine__park_prepare(int64_t limit_ns);

/*
 * Leader: parks all other threads. >= 0: how many; else nobody is parked:
 * -EAGAIN: prepare again and try again: there are more threads than prepared for, or for stuck_ns nobody has arrived and
 * *obstruction is still missing. AS-safe.
 */
int tine__park_all(int64_t stuck_ns, struct tine__obstruction *obstruction);

/* Leader: lets the parked threads go on, in the parent or in the child. AS-safe. */
void tine__park_release(void);

/* Leader, after tine__park_release(): sees to it that no thread holds up those that leave after it. AS-safe. */
void tine__park_see_off(void);

/* Leader of a child: lets the thread that forked go on; the others when tine__park_release() is called. 0: it is the leader
   itself, which is not parked. AS-safe. */
int tine__park_release_requester(void);

/* A re-created thread: waits for release, leaves, and goes on where the record says. AS-safe. */
__attribute__((noreturn)) void tine__park_resume(const struct tine__thread *thread);

/* Stack for a re-created thread until it resumes, TINE__SCRATCH_SIZE bytes: the end of the place of number `index`. */
void *tine__park_scratch(int index);
#define TINE__SCRATCH_SIZE 1024

#endif
