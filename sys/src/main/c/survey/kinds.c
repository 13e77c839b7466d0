/*
 * What a descriptor is, and what a child has in its place: the one rule for all kinds.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "raw.h"
#include "survey/parts.h"
#include "text.h"

/*
 * Listeners are shared on purpose: that is how workers serve one port. So are sockets that are bound and not connected:
 * datagram servers, and what a program has bound for its children to listen on. A fresh one is not: the thread that has
 * just made it will connect it, in both processes, and each shall have a connection of its own.
 */
static const uint8_t fates[] = {
    [TINE_KIND_OTHER] = TINE__SHARED,
    [TINE_KIND_FILE] = TINE__OWN,
    [TINE_KIND_DIRECTORY] = TINE__OWN,
    [TINE_KIND_DEVICE] = TINE__SHARED,
    [TINE_KIND_FIFO] = TINE__SHARED, /* opened by name by whom it concerns */
    [TINE_KIND_PIPE] = TINE__OWN,
    [TINE_KIND_LISTENER] = TINE__SHARED,
    [TINE_KIND_BOUND_SOCKET] = TINE__SHARED,
    [TINE_KIND_FRESH_SOCKET] = TINE__OWN,
    [TINE_KIND_CONNECTION] = TINE__DEAD,
    [TINE_KIND_SOCKET_PAIR] = TINE__OWN,
    [TINE_KIND_EPOLL] = TINE__OWN,
    [TINE_KIND_EVENTFD] = TINE__OWN,
    [TINE_KIND_TIMERFD] = TINE__OWN,
    [TINE_KIND_SIGNALFD] = TINE__OWN,
    [TINE_KIND_INOTIFY] = TINE__OWN,
    [TINE_KIND_IO_URING] = TINE__REFUSED,
    [TINE_KIND_PERF_EVENT] = TINE__REFUSED,
    [TINE_KIND_USERFAULTFD] = TINE__REFUSED,
    [TINE_KIND_FANOTIFY] = TINE__REFUSED,
};

int32_t tine__kind_refusal(int kind) {
  switch (kind) {
    case TINE_KIND_IO_URING:
      return TINE_REFUSAL_IO_URING;
    case TINE_KIND_PERF_EVENT:
      return TINE_REFUSAL_PERF_EVENT;
    case TINE_KIND_USERFAULTFD:
      return TINE_REFUSAL_USERFAULTFD;
    default:
      return TINE_REFUSAL_FANOTIFY;
  }
}

/* What the kernel calls the file, cut to size - 1; "" if it does not say. */
static const char *target_of(int32_t fd, char *text, long size) {
  char path[64];
  long n = raw3(SYS_readlink, tine__path(path, "/proc/self/fd/", fd, ""), text, size - 1);
  text[n < 0 ? 0 : n] = 0;
  return text;
}

static int nameless_kind(int32_t fd) {
  static const struct {
    const char *name;
    int kind;
  } names[] = {
      {"anon_inode:[eventpoll]", TINE_KIND_EPOLL},         {"anon_inode:[eventfd]", TINE_KIND_EVENTFD},
      {"anon_inode:[timerfd]", TINE_KIND_TIMERFD},         {"anon_inode:[signalfd]", TINE_KIND_SIGNALFD},
      {"anon_inode:inotify", TINE_KIND_INOTIFY},           {"anon_inode:[io_uring]", TINE_KIND_IO_URING},
      {"anon_inode:[perf_event]", TINE_KIND_PERF_EVENT},   {"anon_inode:[userfaultfd]", TINE_KIND_USERFAULTFD},
      {"anon_inode:[fanotify]", TINE_KIND_FANOTIFY},
  };
  char target[64];
  target_of(fd, target, sizeof target);
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (tine__starts_with(target, names[i].name)) return names[i].kind;
  return TINE_KIND_OTHER;
}

/* Has it an address of its own? */
static int is_bound(int32_t fd, int32_t domain) {
  union {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
  } address = {.un = {0}};
  socklen_t size = sizeof address;
  if (raw3(SYS_getsockname, fd, &address, &size) < 0) return 1;
  if (domain == AF_INET) return address.in.sin_port != 0;
  if (domain == AF_INET6) return address.in6.sin6_port != 0;
  return domain != AF_UNIX || size > sizeof(sa_family_t);
}

static int has_peer(const struct tine__descriptor *d) {
  if (d->socket.protocol == IPPROTO_TCP && d->socket.domain != AF_UNIX) {
    unsigned char info[256];
    socklen_t size = sizeof info;
    /* tcpi_state comes first. One that is about to be connected counts: it will be in a moment, for both processes. */
    return raw5(SYS_getsockopt, d->fd, IPPROTO_TCP, TCP_INFO, info, &size) == 0 && info[0] != TCP_CLOSE &&
           info[0] != TCP_LISTEN;
  }
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  return raw3(SYS_getpeername, d->fd, &peer, &size) == 0;
}

static int socket_kind(struct tine__descriptor *d) {
  int32_t listens = 0;
  int32_t *facts[] = {&d->socket.domain, &d->socket.type, &d->socket.protocol, &listens};
  static const int options[] = {SO_DOMAIN, SO_TYPE, SO_PROTOCOL, SO_ACCEPTCONN};
  for (int i = 0; i < 4; i++) {
    socklen_t size = sizeof(int32_t);
    if (raw5(SYS_getsockopt, d->fd, SOL_SOCKET, options[i], facts[i], &size) < 0) return TINE_KIND_OTHER;
  }
  if (listens) return TINE_KIND_LISTENER;
  if (has_peer(d)) {
    /* A UNIX socket whose peer is gone has nothing left to share; the JDK keeps one as a substitute for closed ones. */
    struct pollfd state = {.fd = d->fd};
    if (d->socket.domain == AF_UNIX) raw3(SYS_poll, &state, 1, 0);
    return state.revents & POLLHUP ? TINE_KIND_BOUND_SOCKET : TINE_KIND_CONNECTION;
  }
  return is_bound(d->fd, d->socket.domain) ? TINE_KIND_BOUND_SOCKET : TINE_KIND_FRESH_SOCKET;
}

static int kind_of(struct tine__descriptor *d, unsigned mode) {
  char target[16];
  switch (mode & S_IFMT) {
    case S_IFREG:
      return TINE_KIND_FILE;
    case S_IFDIR:
      return TINE_KIND_DIRECTORY;
    case S_IFCHR:
    case S_IFBLK:
      return TINE_KIND_DEVICE;
    case S_IFIFO:
      return tine__starts_with(target_of(d->fd, target, sizeof target), "pipe:[") ? TINE_KIND_PIPE : TINE_KIND_FIFO;
    case S_IFSOCK:
      return socket_kind(d);
    case 0:
      return nameless_kind(d->fd);
    default:
      return TINE_KIND_OTHER;
  }
}

int tine__kind(struct tine__descriptor *d) {
  struct stat status;
  if (raw2(SYS_fstat, d->fd, &status) < 0) return 0;
  long flags = raw2(SYS_fcntl, d->fd, F_GETFL);
  if (flags < 0 || flags & O_PATH) return 0;
  d->flags = (int32_t)flags;
  d->close_on_exec = (raw2(SYS_fcntl, d->fd, F_GETFD) & FD_CLOEXEC) != 0;
  d->device = status.st_dev;
  d->inode = status.st_ino;
  d->kind = (uint8_t)kind_of(d, status.st_mode);
  /* The terminal's three are shared on purpose, whatever they are: with positions of their own, processes that write
     to one log file would overwrite each other's lines. */
  d->fate = d->fd <= 2 ? TINE__SHARED : fates[d->kind];
  return 1;
}
