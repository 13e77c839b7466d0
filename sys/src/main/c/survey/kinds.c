/*
 * What a descriptor is, and what a child has in its place: the one rule for all kinds.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
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
    [TINE_KIND_TERMINAL] = TINE__OWN,
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
static const char *target_of(const struct tine__survey *survey, int32_t fd, char *text, long size) {
  char name[16];
  long n = raw4(SYS_readlinkat, survey->fd_directory, tine__path(name, "", fd, ""), text, size - 1);
  text[n < 0 ? 0 : n] = 0;
  return text;
}

static int nameless_kind(const struct tine__survey *survey, int32_t fd) {
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
  target_of(survey, fd, target, sizeof target);
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

/* Has one that getpeername does not know yet begun to connect? It is connected in a moment, for both processes. */
static int is_connecting(const struct tine__descriptor *d) {
  if (d->socket.protocol != IPPROTO_TCP || d->socket.domain == AF_UNIX) return 0;
  unsigned char info[256];
  socklen_t size = sizeof info;
  if (raw5(SYS_getsockopt, d->fd, IPPROTO_TCP, TCP_INFO, info, &size) < 0) return 0;
  return info[0] != TCP_CLOSE; /* tcpi_state comes first */
}

static int option(int32_t fd, int name, int32_t *value) {
  socklen_t size = sizeof *value;
  return (int)raw5(SYS_getsockopt, fd, SOL_SOCKET, name, value, &size);
}

static int socket_kind(struct tine__descriptor *d) {
  struct tine__socket *socket = &d->socket;
  int32_t listens = 0;
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  int has_peer = raw3(SYS_getpeername, d->fd, &peer, &size) == 0;
  if (option(d->fd, SO_TYPE, &socket->type) < 0 || option(d->fd, SO_PROTOCOL, &socket->protocol) < 0 ||
      option(d->fd, SO_DOMAIN, &socket->domain) < 0)
    return TINE_KIND_OTHER;
  if (has_peer) {
    /* A UNIX socket whose peer is gone has nothing left to share; the JDK keeps one as a substitute for closed ones. */
    struct pollfd state = {.fd = d->fd};
    if (socket->domain == AF_UNIX) raw3(SYS_poll, &state, 1, 0);
    return state.revents & POLLHUP ? TINE_KIND_BOUND_SOCKET : TINE_KIND_CONNECTION;
  }
  option(d->fd, SO_ACCEPTCONN, &listens);
  if (listens) return TINE_KIND_LISTENER;
  if (is_connecting(d)) return TINE_KIND_CONNECTION;
  return is_bound(d->fd, socket->domain) ? TINE_KIND_BOUND_SOCKET : TINE_KIND_FRESH_SOCKET;
}

static int kind_of(const struct tine__survey *survey, struct tine__descriptor *d, const struct stat *status) {
  char target[16];
  switch (status->st_mode & S_IFMT) {
    case S_IFREG:
      return TINE_KIND_FILE;
    case S_IFDIR:
      return TINE_KIND_DIRECTORY;
    case S_IFCHR:
      return status->st_rdev == makedev(5, 2) ? TINE_KIND_TERMINAL : TINE_KIND_DEVICE;
    case S_IFBLK:
      return TINE_KIND_DEVICE;
    case S_IFIFO:
      target_of(survey, d->fd, target, sizeof target);
      return tine__starts_with(target, "pipe:[") ? TINE_KIND_PIPE : TINE_KIND_FIFO;
    case S_IFSOCK:
      return socket_kind(d);
    case 0:
      return nameless_kind(survey, d->fd);
    default:
      return TINE_KIND_OTHER;
  }
}

int tine__kind(const struct tine__survey *survey, struct tine__descriptor *d) {
  struct stat status;
  if (raw2(SYS_fstat, d->fd, &status) < 0) return 0;
  long flags = raw2(SYS_fcntl, d->fd, F_GETFL);
  if (flags < 0 || flags & O_PATH) return 0;
  d->flags = (int32_t)flags;
  d->close_on_exec = (raw2(SYS_fcntl, d->fd, F_GETFD) & FD_CLOEXEC) != 0;
  d->device = status.st_dev;
  d->inode = status.st_ino;
  d->kind = (uint8_t)kind_of(survey, d, &status);
  /* The terminal's three are shared on purpose, whatever they are: with positions of their own, processes that write
     to one log file would overwrite each other's lines. */
  d->fate = d->fd <= 2 ? TINE__SHARED : fates[d->kind];
  return 1;
}
