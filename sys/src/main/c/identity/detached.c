/*
 * Listeners that answer for the parent alone: those of RMI, and so of JMX. Shared like others they would hand a client,
 * which talks to one process over many connections, now to one and now to the other.
 *
 * The child gets listeners that nobody can reach on the same numbers: its accepting threads wait there.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "identity/identity.h"
#include "identity/parts.h"
#include "raw.h"

#define MOST 64

static int32_t listeners[MOST];
static int count;

void tine__detached_set(const int32_t *fds, int n) {
  count = n < MOST ? n : MOST;
  for (int i = 0; i < count; i++) listeners[i] = fds[i];
}

static int32_t option(int32_t fd, int name) {
  int32_t value = 0;
  socklen_t size = sizeof value;
  return raw5(SYS_getsockopt, fd, SOL_SOCKET, name, &value, &size) < 0 ? -1 : value;
}

/* A listener of the same kind that drops every packet; < 0: none. */
static long unreachable(int32_t old) {
  struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
  struct sock_fprog program = {.len = 1, .filter = &drop};
  long flags = raw2(SYS_fcntl, old, F_GETFL);
  long fd = raw3(SYS_socket, option(old, SO_DOMAIN), SOCK_STREAM | SOCK_CLOEXEC | (flags & O_NONBLOCK),
                 option(old, SO_PROTOCOL));
  if (fd < 0) return fd;
  /* The filter first: without it there would be a moment in which somebody can connect. Then it gets a port of the
     kernel's choice, as it is bound to none. */
  long error = raw5(SYS_setsockopt, fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  if (error == 0) error = raw2(SYS_listen, fd, 1);
  if (error == 0) return fd;
  raw1(SYS_close, fd);
  return error;
}

int tine__detached_become(void) {
  for (int i = 0; i < count; i++) {
    int32_t fd = listeners[i];
    if (option(fd, SO_ACCEPTCONN) != 1) continue; /* closed since, and perhaps another file */
    long flags = raw2(SYS_fcntl, fd, F_GETFD);
    long new = unreachable(fd);
    if (new < 0) return (int)new;
    long error = raw3(SYS_dup3, new, fd, flags > 0 && (flags & FD_CLOEXEC) ? O_CLOEXEC : 0);
    raw1(SYS_close, new);
    if (error < 0) return (int)error;
  }
  return 0;
}
