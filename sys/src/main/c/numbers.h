/*
 * Walks a directory whose names are numbers: /proc/self/task, /proc/self/fd.
 */
#ifndef TINE_NUMBERS_H
#define TINE_NUMBERS_H

#include <stdint.h>

/* Calls visit for each number but `skip`, until it returns a negative number, which is passed on. -1: a directory of
   descriptors, of which the walk's own is left out. 0 or -errno. One walk at a time. AS-safe. */
int tine__each_number(const char *directory, int32_t skip, int (*visit)(int32_t number, void *state), void *state);

#endif
