/*
 * Between the two sides of tine_spawn(): spawn.c runs in the caller, become.c in the child.
 */
#ifndef TINE_SPAWN_H
#define TINE_SPAWN_H

#include "tine.h"

/* What the child works with. It shares the caller's memory until it runs the program, and the caller waits until then: so
   a failure is simply written to the result. */
struct tine__spawn {
  const struct tine_spawn_request *request;
  struct tine_spawn_result *result;
  const char *const *environment;
  long parent; /* pid of the caller */
};

/*
 * Makes the child what the request says and runs the program; does not return. Raw system calls only: the child has the
 * caller's thread pointer, and all of its memory.
 */
void tine__spawn_become(void *spawn);

/* Closes every descriptor but the targets of the request, which ascend. 0 or -errno. */
int tine__spawn_close_others(const struct tine_spawn_request *request);

#endif
