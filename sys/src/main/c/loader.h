/*
 * The dynamic loader's locks. They are recursive mutexes, which remember their owner by its thread id: a thread that
 * is inside dlopen() while the process is forked has another id in the child and could never unlock them again. So the
 * owner is renamed there. (HotSpot's and malloc's locks have no owner, stdio's remember it by address.)
 */
#ifndef TINE_LOADER_H
#define TINE_LOADER_H

#include <stdint.h>

/* Finds the locks, once. 0, or -ENOENT: this glibc is not known. Not AS-safe. */
int tine__loader_find(void);

/* In the child: thread `old` is now called `new`. AS-safe. */
void tine__loader_rename(int32_t old, int32_t new);

#endif
