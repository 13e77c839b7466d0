/*
 * The preloaded side of `tine run`: this library in a program that knows nothing of it.
 *
 *   preload    finds out that the process is a JVM, and tells the monitor
 *   listeners  bind, listen and getsockname as the program sees them
 *   control    the thread that takes the monitor's orders
 *   herald     the thread that tells of the death of a worker
 *   message    what both say to each other; the monitor uses it too
 *   open       the monitor's side of a listener
 *   sockets    what connections there are; for the monitor
 *
 * Two sockets lead to the monitor. The link belongs to threads of the program that bind; a fork makes it dead, and who
 * waits on it in a worker goes on without the monitor. The control socket belongs to the control thread; each worker has
 * another one, on the same number.
 *
 * All of this runs as ordinary code of the program, while nothing is parked: it may use libc.
 */
#ifndef TINE_RUN_RUN_H
#define TINE_RUN_RUN_H

#include <stddef.h>
#include <sys/socket.h>

#include "tine.h"

struct tine__run {
  int link_fd;
  int control_fd;
  int is_program; /* 0: a child of the program, such as the JVM of a wrapper script that does not exec it */
  const char *guest_jar; /* for repairs in Java */
};

/* Whether this JVM is under a monitor, and how: NULL before it has begun, and in every other process. */
const struct tine__run *tine__run(void);

/* Starts the control thread. 0 or -errno. */
int tine__control_start(void);

/* Starts the herald of this process and tells the monitor of it; there is none where that is not possible. Waits until
   it has begun. For the control thread. */
void tine__herald_start(const struct tine__run *run);

/* Ends it, which looks as if the process died; does nothing if there is none. For the control thread. */
void tine__herald_end(void);

/* Any free port of the loopback device, for AF_INET or AF_INET6; returns the length of the address. */
socklen_t tine__private_inet(struct sockaddr_storage *address, int family, int v6_only);

/* pthread_create(3) itself. */
int tine__create_thread(void *(*run)(void *), void *argument);

#endif
