#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "child/child.h"
#include "child/sockets.h"
#include "fault.h"
#include "raw.h"
#include "text.h"

#ifndef TFD_IOC_SET_TICKS
#define TFD_IOC_SET_TICKS _IOW('T', 0, uint64_t)
#endif

#define NS 1000000000L

/* Flags of open(2) that belong to the description and can be given again. */
#define KEPT_FLAGS (O_ACCMODE | O_APPEND | O_NONBLOCK | O_DIRECT | O_SYNC | O_DSYNC | O_NOATIME)

/* Puts a new descriptor in the place of an old number, which closes the old one. */
static int replace(long fd, const struct tine__descriptor *old) {
  if (fd < 0) return (int)fd;
  long result = raw3(SYS_dup3, fd, old->fd, old->close_on_exec ? O_CLOEXEC : 0);
  raw1(SYS_close, fd);
  return result < 0 ? (int)result : 0;
}

/* Ran out of something that another time there may be enough of; to share the file would be no answer to that. */
static int is_shortage(long error) {
  return error == -EMFILE || error == -ENFILE || error == -ENOMEM || error == -ENOBUFS || error == -EINTR;
}

/*
 * The JDK reads jars by seek and read: two processes that share a position read each other's bytes. A file that may
 * not be opened again (privileges were given up since, it is gone from a network server, its file system is read-only
 * now) stays shared: that is what fork(2) does.
 */
static int own_file(long directory, const struct tine__descriptor *file) {
  if (directory < 0) return (int)directory;
  char name[16];
  long fd = raw4(SYS_openat, directory, tine__path(name, "", file->fd, ""),
                 (file->flags & KEPT_FLAGS) | O_CLOEXEC | O_NOCTTY, 0);
  if (fd < 0) return is_shortage(fd) ? (int)fd : 0;
  if (file->position > 0) raw3(SYS_lseek, fd, file->position, SEEK_SET);
  return replace(fd, file);
}

static int own_eventfd(const struct tine__descriptor *old) {
  int flags = (old->flags & O_NONBLOCK ? EFD_NONBLOCK : 0) | (old->eventfd.semaphore ? EFD_SEMAPHORE : 0);
  long fd = raw2(SYS_eventfd2, 0, flags | EFD_CLOEXEC);
  /* The initial count of eventfd2 has 32 bits, the count itself 64. */
  if (fd >= 0 && old->eventfd.count > 0) raw3(SYS_write, fd, &old->eventfd.count, sizeof old->eventfd.count);
  return replace(fd, old);
}

static struct timespec timespec_of(int64_t ns) { return (struct timespec){ns / NS, ns % NS}; }

/*
 * Sets the timer to its deadline, and gives it back the expiries that nobody has read: they keep it readable. An
 * absolute time is set as it was. A relative one is not made absolute: it would follow a clock that is set. What it
 * has missed since the survey, it has by itself in the parent, and is added here.
 */
static long set_timer(long fd, const struct tine__timer *timer) {
  struct itimerspec setting = {.it_interval = timespec_of(timer->interval_ns)};
  uint64_t ticks = timer->ticks;
  if (timer->deadline_ns != 0 && timer->flags & TFD_TIMER_ABSTIME) {
    setting.it_value = timespec_of(timer->deadline_ns);
  } else if (timer->deadline_ns != 0) {
    struct timespec now;
    clock_gettime(timer->reference, &now);
    int64_t left = timer->deadline_ns - ((int64_t)now.tv_sec * NS + now.tv_nsec);
    if (left <= 0 && timer->interval_ns == 0) {
      ticks++;
      left = 0; /* not armed */
    } else if (left <= 0) {
      ticks += 1 + (uint64_t)(-left / timer->interval_ns);
      left = timer->interval_ns - -left % timer->interval_ns;
    }
    setting.it_value = timespec_of(left);
  }
  /* Setting it clears the count: the ticks come second. */
  long error = raw4(SYS_timerfd_settime, fd, timer->flags, &setting, 0);
  if (error == 0 && ticks > 0) error = raw3(SYS_ioctl, fd, TFD_IOC_SET_TICKS, &ticks);
  /* ECANCELED: the clock has been set just now. The parent's is cancelled as well, and so it shall be. */
  return error == -ECANCELED ? 0 : error;
}

static int own_timerfd(const struct tine__descriptor *old) {
  const struct tine__timer *timer = &old->timer;
  int flags = (old->flags & O_NONBLOCK ? TFD_NONBLOCK : 0) | TFD_CLOEXEC;
  long fd = raw2(SYS_timerfd_create, timer->clock, flags);
  /* The right to wake a sleeping machine was given up since: the same clock without it. */
  if (fd == -EPERM && timer->clock == CLOCK_REALTIME_ALARM) fd = raw2(SYS_timerfd_create, CLOCK_REALTIME, flags);
  if (fd == -EPERM && timer->clock == CLOCK_BOOTTIME_ALARM) fd = raw2(SYS_timerfd_create, CLOCK_BOOTTIME, flags);
  long error = fd < 0 ? fd : set_timer(fd, timer);
  int replaced = replace(fd, old);
  return error < 0 ? (int)error : replaced;
}

static int own_signalfd(const struct tine__descriptor *old) {
  int flags = (old->flags & O_NONBLOCK ? SFD_NONBLOCK : 0) | SFD_CLOEXEC;
  return replace(raw4(SYS_signalfd4, -1, &old->mask, sizeof old->mask, flags), old);
}

/*
 * Without watches: whom a path leads to is not known here, and what has happened is told to the parent. But numbers of
 * watches go on where the old ones end: java.nio finds its key by the number, and with numbers from 1 on, a directory
 * that is registered in the child would get the key of another.
 */
static int own_inotify(const struct tine__descriptor *old) {
  long fd = raw1(SYS_inotify_init1, O_NONBLOCK | O_CLOEXEC);
  long error = fd < 0 ? fd : 0;
  for (int32_t number = 0; error == 0 && number < old->last_watch;) {
    number = (int32_t)raw3(SYS_inotify_add_watch, fd, "/", IN_DELETE_SELF);
    if (number < 0) {
      error = number;
      break;
    }
    raw2(SYS_inotify_rm_watch, fd, number);
    char news[64]; /* IN_IGNORED: one for each */
    while (raw3(SYS_read, fd, news, sizeof news) > 0) {}
  }
  if (error == 0 && !(old->flags & O_NONBLOCK)) error = raw3(SYS_fcntl, fd, F_SETFL, 0);
  int replaced = replace(fd, old);
  return error < 0 ? (int)error : replaced;
}

/* A pipe, or a socket pair: its successor is there already. */
static int succeed(const struct tine__descriptor *old) {
  long result = raw3(SYS_dup3, old->successor, old->fd, old->close_on_exec ? O_CLOEXEC : 0);
  if (result >= 0) result = raw3(SYS_fcntl, old->fd, F_SETFL, old->flags & (O_NONBLOCK | O_DIRECT));
  return result < 0 ? (int)result : 0;
}

/*
 * A terminal on which there is no program. With the parent's open here, its programs would not hear of a hangup when the
 * parent closes it, and input that is meant for the parent would be read here. One that cannot be made stays shared, as
 * fork(2) has it.
 */
static int own_terminal(const struct tine__descriptor *old) {
  int unlocked = 0;
  long fd = raw4(SYS_openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | (old->flags & O_NONBLOCK), 0);
  if (fd < 0) return is_shortage(fd) ? (int)fd : 0;
  /* A program that comes and goes: from then on there is an end to read. */
  raw3(SYS_ioctl, fd, TIOCSPTLCK, &unlocked);
  long program = raw3(SYS_ioctl, fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (program >= 0) raw1(SYS_close, program);
  return replace(fd, old);
}

static int own(long directory, const struct tine__descriptor *d) {
  switch (d->kind) {
    case TINE_KIND_FILE:
    case TINE_KIND_DIRECTORY:
      return own_file(directory, d);
    case TINE_KIND_EVENTFD:
      return own_eventfd(d);
    case TINE_KIND_TIMERFD:
      return own_timerfd(d);
    case TINE_KIND_SIGNALFD:
      return own_signalfd(d);
    case TINE_KIND_INOTIFY:
      return own_inotify(d);
    case TINE_KIND_TERMINAL:
      return own_terminal(d);
    case TINE_KIND_EPOLL:
      return replace(raw1(SYS_epoll_create1, EPOLL_CLOEXEC), d);
    case TINE_KIND_PIPE:
    case TINE_KIND_SOCKET_PAIR:
      return succeed(d);
    case TINE_KIND_FRESH_SOCKET:
      return replace(tine__socket_like(d), d);
    default:
      return 0;
  }
}

/* What came for the descriptor; -1: nothing. */
static int32_t ordered(const struct tine__child *child, const struct tine__descriptor *d) {
  for (int32_t i = 0; i < child->file_count; i++)
    if (child->files[i].device == d->device && child->files[i].inode == d->inode) return child->file_fds[i];
  return -1;
}

/*
 * A poller accepts until there is nothing more, and would hang in a blocking accept: its listener must not block. The mode
 * belongs to the description, which workers of other generations share, so it is never taken back. Java's blocking accept
 * waits in poll(2) when it finds nothing; a native one that cannot do so gets EAGAIN, after such a change of generation only.
 */
static int put(int32_t fd, const struct tine__descriptor *d) {
  long result = raw3(SYS_dup3, fd, d->fd, d->close_on_exec ? O_CLOEXEC : 0);
  if (result >= 0 && d->flags & O_NONBLOCK && (d->kind == TINE_KIND_LISTENER || d->kind == TINE_KIND_BOUND_SOCKET))
    result = raw3(SYS_fcntl, d->fd, F_SETFL, O_NONBLOCK);
  return result < 0 ? (int)result : 0;
}

static int repair(const struct tine__child *child, long directory, const struct tine__descriptor *d) {
  int32_t file = ordered(child, d);
  if (file < 0 && d->fate == TINE__SHARED) return 0;
  int error = tine__fault(TINE_FAULT_DESCRIPTOR);
  if (error < 0) return error;
  if (file >= 0) return put(file, d);
  if (d->original >= 0) { /* which has a lower number, and is done */
    long result = raw3(SYS_dup3, child->survey->descriptors[d->original].fd, d->fd, d->close_on_exec ? O_CLOEXEC : 0);
    return result < 0 ? (int)result : 0;
  }
  /* A connection that is a pair, of which one end stays shared, is the parent's alone. */
  return d->fate == TINE__DEAD ? replace(tine__socket_dead(d), d) : own(directory, d);
}

int tine__child_descriptors(const struct tine__child *child) {
  struct tine__survey *survey = child->survey;
  int error = 0;
  /* Opened here: the parent's /proc/self/fd is the parent's. */
  long directory = raw4(SYS_openat, AT_FDCWD, "/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  /* Every set is made anew before any is filled: sets that contain sets then need no order among them, and members
     that were replaced here are added as the new ones they are. */
  for (uint32_t i = 0; i < survey->count && error == 0; i++) error = repair(child, directory, &survey->descriptors[i]);
  /* Before sets are filled, which may have a member by the number that it has. */
  if (directory >= 0) raw1(SYS_close, directory);
  for (int32_t i = 0; i < child->file_count; i++) raw1(SYS_close, child->file_fds[i]);
  tine__survey_close_successors(survey);
  for (uint32_t i = 0; i < survey->count && error == 0; i++) {
    const struct tine__descriptor *d = &survey->descriptors[i];
    if (d->kind == TINE_KIND_EPOLL && d->fate == TINE__OWN && d->original < 0) error = tine__child_fill(survey, d);
  }
  return error;
}
