/*
 * The mold: a forked process that resumes none of its threads and makes workers of itself on order.
 *
 * Its leader stays in the handler of the park signal, all signals blocked, asleep in recvmsg(2): it uses no processor
 * and its memory stays as it was, so that every worker, the first and the hundredth, begins from the same state.
 * Raw system calls only, like child/.
 */
#ifndef TINE_MOLD_MOLD_H
#define TINE_MOLD_MOLD_H

#include "child/child.h"

/* Serves orders from order_fd. Returns in a worker only, with its order; ends the process when the monitor has. */
void tine__mold_serve(int32_t order_fd, const struct tine__child *mold, struct tine_order *order);

#endif
