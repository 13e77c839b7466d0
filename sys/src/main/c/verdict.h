/* What a child says of itself to whom made it: that it is whole, or why not. */
#ifndef TINE_VERDICT_H
#define TINE_VERDICT_H

#include <stdint.h>

/* One datum on a pipe: the child is whole (error 0), or ends because of `error` in `stage`. */
struct tine__verdict {
  int32_t stage;
  int32_t error;
};

/*
 * Waits for the verdict of a child on the read end of its pipe, whose write end nobody but the child may have. ECHILD in
 * TINE_STAGE_VERDICT: it died without a word. ETIMEDOUT: it said nothing for ten seconds and was killed; it is not
 * reaped. AS-safe; takes nothing over.
 */
void tine__verdict_hear(int32_t fd, int32_t pid, struct tine__verdict *verdict);

#endif
