/*
 * Raw system calls: results are -errno, errno is not touched, no libc lock is taken, no cancellation point is passed.
 * Everything that runs while threads are parked uses these and nothing of libc: a parked thread may hold any lock.
 */
#ifndef TINE_RAW_H
#define TINE_RAW_H

#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

#include "arch/arch.h"

#define raw0(n) tine__syscall(n, 0, 0, 0, 0, 0, 0)
#define raw1(n, a) tine__syscall(n, (long)(a), 0, 0, 0, 0, 0)
#define raw2(n, a, b) tine__syscall(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define raw3(n, a, b, c) tine__syscall(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define raw4(n, a, b, c, d) tine__syscall(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define raw5(n, a, b, c, d, e) tine__syscall(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define raw6(n, a, b, c, d, e, f) tine__syscall(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline int64_t tine__now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t); /* vDSO, or a plain system call: no lock either way */
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Waits while *word == seen, at most limit_ns (< 0: for ever). May return early: callers look again. */
static inline void tine__futex_wait(_Atomic int32_t *word, int32_t seen, int64_t limit_ns) {
  struct timespec limit = {limit_ns / 1000000000, limit_ns % 1000000000};
  raw4(SYS_futex, word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, seen, limit_ns < 0 ? 0 : (long)&limit);
}

static inline void tine__futex_wake(_Atomic int32_t *word, int waiters) {
  raw3(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, waiters);
}

/* Reads a small /proc file whole; returns its length, text is NUL-terminated and cut to size - 1. */
static inline long tine__read_file(const char *path, char *text, long size) {
  long fd = raw4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return fd;
  long length = 0, n;
  while (length < size - 1 && (n = raw3(SYS_read, fd, text + length, size - 1 - length)) > 0) length += n;
  text[length] = 0;
  raw1(SYS_close, fd);
  return length;
}

#endif
