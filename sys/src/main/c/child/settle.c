#include "child/settle.h"

#include "park/park.h"
#include "raw.h"

/* Longer than repairs take, and not so long that to wait it out, in the few forks that have to, would matter. */
#define PATIENCE_NS 2000000

static _Atomic int32_t hurry;

void tine__child_settle(void) {
  int64_t deadline = tine__now_ns() + PATIENCE_NS, left;
  /* Before the release: afterwards it would take back what the thread that forked has asked for already. It may be set in
     a child of a child. */
  atomic_store(&hurry, 0);
  /* A launcher may run Java in the primordial thread: one that waited here for its own repairs would wait in vain. */
  if (!tine__park_release_requester()) deadline = 0;
  while (atomic_load(&hurry) == 0 && (left = deadline - tine__now_ns()) > 0) tine__futex_wait(&hurry, 0, left);
  tine__park_release();
}

void tine__child_hurry(void) {
  if (atomic_exchange(&hurry, 1) == 0) tine__futex_wake(&hurry, 1);
}
