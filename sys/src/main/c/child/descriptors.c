#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child/child.h"
#include "raw.h"
#include "text.h"

/* Flags of open(2) that belong to the description and can be given again. */
#define KEPT_FLAGS (O_ACCMODE | O_APPEND | O_NONBLOCK | O_DIRECT | O_SYNC | O_DSYNC | O_NOATIME)

/* Puts a new descriptor in the place of an old number, which closes the old one. */
static int replace(long fd, const struct tine__descriptor *old) {
  if (fd < 0) return (int)fd;
  long result = raw3(SYS_dup3, fd, old->fd, old->close_on_exec ? O_CLOEXEC : 0);
  raw1(SYS_close, fd);
  return result < 0 ? (int)result : 0;
}

/*
 * The JDK reads jars by seek and read: two processes that share a position read each other's bytes. A file that may
 * not be opened again (privileges were given up since, EACCES and EPERM; or it is gone from a network server, ESTALE)
 * stays shared: that is what fork(2) does.
 */
static int own_file(const struct tine__descriptor *file) {
  char path[64];
  long fd = raw4(SYS_openat, AT_FDCWD, tine__path(path, "/proc/self/fd/", file->fd, ""),
                 (file->flags & KEPT_FLAGS) | O_CLOEXEC | O_NOCTTY, 0);
  if (fd == -EACCES || fd == -EPERM || fd == -ESTALE || fd == -ENXIO || fd == -ETXTBSY || fd == -EROFS) return 0;
  if (fd >= 0 && (int64_t)file->value > 0) raw3(SYS_lseek, fd, file->value, SEEK_SET);
  return replace(fd, file);
}

static int own_eventfd(const struct tine__descriptor *eventfd) {
  int flags = (eventfd->flags & O_NONBLOCK ? EFD_NONBLOCK : 0) | (eventfd->semaphore ? EFD_SEMAPHORE : 0);
  long fd = raw2(SYS_eventfd2, 0, flags | EFD_CLOEXEC);
  /* The initial count of eventfd2 has 32 bits, the count itself 64. */
  if (fd >= 0 && eventfd->value > 0) raw3(SYS_write, fd, &eventfd->value, sizeof eventfd->value);
  return replace(fd, eventfd);
}

/* A socket of the same kind that was never connected: to read or write fails at once, to close it says nothing. */
static int dead_socket(const struct tine__descriptor *old) {
  long fd = raw3(SYS_socket, old->domain, old->type | (old->flags & O_NONBLOCK) | SOCK_CLOEXEC, old->protocol);
  /* Without a connection a datagram socket would wait for ever. It fails with ENOTCONN, and shuts down nevertheless. */
  if (fd >= 0 && old->type == SOCK_DGRAM) raw2(SYS_shutdown, fd, SHUT_RDWR);
  return replace(fd, old);
}

/* A pipe, or a socket pair. */
static int own_pipe(const struct tine__survey *survey, const struct tine__descriptor *pipe) {
  const struct tine__descriptor *from = pipe;
  if (pipe->successor < 0) { /* a duplicate: of the first one with this inode and this end, which is in place */
    for (from = survey->descriptors; from < pipe; from++)
      if (from->kind == pipe->kind && from->value == pipe->value && from->flags == pipe->flags) break;
    if (from == pipe) return 0;
  }
  int32_t fd = from == pipe ? pipe->successor : from->fd;
  long result = raw3(SYS_dup3, fd, pipe->fd, pipe->close_on_exec ? O_CLOEXEC : 0);
  if (result >= 0) result = raw3(SYS_fcntl, pipe->fd, F_SETFL, pipe->flags & O_NONBLOCK);
  return result < 0 ? (int)result : 0;
}

static int fill(const struct tine__descriptor *set, const struct tine__member *members) {
  for (uint32_t i = 0; i < set->members; i++) {
    struct epoll_event event = {.events = members[i].events, .data = {.u64 = members[i].data}};
    long error = raw4(SYS_epoll_ctl, set->fd, EPOLL_CTL_ADD, members[i].fd, &event);
    /* EEXIST: a file that is a member twice, by two numbers one of which was reused; EPERM, EBADF: it is gone. */
    if (error < 0 && error != -EEXIST && error != -EPERM && error != -EBADF) return (int)error;
  }
  return 0;
}

int tine__child_descriptors(struct tine__survey *survey) {
  int error = 0;
  /* Every set is made anew before any is filled: sets that contain sets then need no order among them, and members
     that were replaced here are added as the new ones they are. */
  for (uint32_t i = 0; i < survey->count && error == 0; i++) {
    const struct tine__descriptor *descriptor = &survey->descriptors[i];
    switch (descriptor->kind) {
      case TINE__FILE:
        error = own_file(descriptor);
        break;
      case TINE__EVENTFD:
        error = own_eventfd(descriptor);
        break;
      case TINE__SOCKET:
        error = dead_socket(descriptor);
        break;
      case TINE__INOTIFY: /* empty: what is watched, and the news of it, is the parent's */
        error = replace(raw1(SYS_inotify_init1, (descriptor->flags & O_NONBLOCK) | O_CLOEXEC), descriptor);
        break;
      case TINE__PAIR:
      case TINE__PIPE:
        error = own_pipe(survey, descriptor);
        break;
      case TINE__EPOLL:
        error = replace(raw1(SYS_epoll_create1, EPOLL_CLOEXEC), descriptor);
        break;
    }
  }
  tine__survey_close_successors(survey);
  const struct tine__member *members = survey->members;
  for (uint32_t i = 0; i < survey->count && error == 0; i++) {
    const struct tine__descriptor *descriptor = &survey->descriptors[i];
    if (descriptor->kind != TINE__EPOLL) continue;
    error = fill(descriptor, members);
    members += descriptor->members;
  }
  return error;
}
