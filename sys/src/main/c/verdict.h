/*
 * What a child says of itself to whom made it: that it is whole, or why not.
 *
 * A child that repairs itself in Java says so twice through one pipe: when its threads are re-created, for the leader of
 * its parent, whose threads stand still until then; and when it is repaired, for the caller of fork(), who alone waits
 * for that. The pipe stays open in the child in between, so that its death ends either wait.
 */
#ifndef TINE_VERDICT_H
#define TINE_VERDICT_H

#include <stdint.h>

#include "tine.h"

/* The exit code of a child that could not become whole. */
#define TINE__EXIT_NOT_WHOLE 113

/* One datum on a pipe: the child is whole (TINE_STAGE_NONE), or ends because of `error` in `stage`. */
struct tine__verdict {
  int32_t stage;
  int32_t error;
  char what[TINE_WHAT_MAX];
};

/*
 * Waits for the verdict of a child on the read end of its pipe, whose write end nobody but the child may have. ECHILD in
 * TINE_STAGE_VERDICT: it died without a word. ETIMEDOUT: it said nothing for ten seconds and was killed; it is not
 * reaped. AS-safe; takes nothing over.
 */
void tine__verdict_hear(int32_t fd, int32_t pid, struct tine__verdict *verdict);

/*
 * The same for the verdict after its repairs, in TINE_STAGE_REPAIR; the limit is longer, no thread stands still meanwhile.
 * It also ends when the other end of the socket `order_fd` is closed (-1: there is none): the child is killed then.
 */
void tine__verdict_hear_repairs(int32_t fd, int32_t order_fd, int32_t pid, struct tine__verdict *verdict);

/*
 * The child: it is whole; fd is closed, or, with `repairs`, kept for tine_repaired(). Ends the child if nobody can hear it.
 * AS-safe.
 */
void tine__verdict_whole(int32_t fd, int repairs);

/* The child: it is not, and ends. AS-safe. */
__attribute__((noreturn)) void tine__verdict_fail(int32_t fd, int stage, int error, const char *what);

#endif
