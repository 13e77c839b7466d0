/* What /proc says of this process's threads while they are parked. All AS-safe. */
#ifndef TINE_PARK_TASKS_H
#define TINE_PARK_TASKS_H

#include "park/park.h"

/* How many threads the kernel counts, or -errno. */
long tine__count_threads(void);

/* How many processors the threads may run on; at least 1. */
int tine__count_processors(void);

/* Says what keeps a thread from being parked by this signal. 1: it is an io_uring worker, which needs no parking; else 0. */
int tine__task_obstacle(int32_t tid, int park_signal, struct tine__obstruction *obstruction);

/* Adds to the records of parked threads the signals that were sent to them since, but for the park signal. */
void tine__capture_pending(struct tine__thread *parked, int park_signal);

#endif
