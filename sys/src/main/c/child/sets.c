/* Epoll sets of a child. */
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "child/child.h"
#include "fault.h"
#include "raw.h"

/* What the kernel leaves of the events of a one-shot member when it has been reported. */
#define PRIVATE_EVENTS (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)

static int is_spent(const struct tine__member *member) {
  return (member->events & EPOLLONESHOT) && (member->events & ~(uint32_t)PRIVATE_EVENTS) == 0;
}

static long add(int32_t set, const struct tine__member *member) {
  struct epoll_event event = {.events = member->events, .data = {.u64 = member->data}};
  long error = tine__fault(TINE_FAULT_MEMBER);
  if (error == 0) error = raw4(SYS_epoll_ctl, set, EPOLL_CTL_ADD, member->fd, &event);
  return error;
}

/*
 * A member that was added by a number which names another file now, or none: it gets the number again for a moment.
 * The set holds the file, not the number, as long as somebody else has it open.
 */
static long add_renumbered(int32_t set, const struct tine__member *member) {
  long flags = raw2(SYS_fcntl, member->fd, F_GETFD); /* -EBADF: it is free */
  long aside = flags < 0 ? -1 : raw3(SYS_fcntl, member->fd, F_DUPFD_CLOEXEC, 0);
  if (flags >= 0 && aside < 0) return aside;
  long error = raw3(SYS_dup3, member->via, member->fd, O_CLOEXEC);
  if (error >= 0) error = add(set, member);
  if (aside < 0) {
    raw1(SYS_close, member->fd);
  } else {
    long back = raw3(SYS_dup3, aside, member->fd, flags & FD_CLOEXEC ? O_CLOEXEC : 0);
    raw1(SYS_close, aside);
    if (error >= 0 && back < 0) error = back;
  }
  return error;
}

static int add_all(const struct tine__survey *survey, const struct tine__descriptor *set, int spent) {
  int added = 0;
  for (uint32_t i = 0; i < set->members.count; i++) {
    const struct tine__member *member = &survey->members[set->members.first + i];
    if (member->via < 0 || is_spent(member) != spent) continue;
    long error = member->via == member->fd ? add(set->fd, member) : add_renumbered(set->fd, member);
    if (error < 0) return (int)error;
    added++;
  }
  return added;
}

int tine__child_fill(const struct tine__survey *survey, const struct tine__descriptor *set) {
  /*
   * The spent ones first, alone: adding one arms it for errors and the end of input, which a dead socket has at once.
   * It is taken out here, before there is another event that would be taken out with it.
   */
  int added = add_all(survey, set, 1);
  if (added < 0) return added;
  struct epoll_event events[16];
  while (added > 0 && raw4(SYS_epoll_wait, set->fd, events, 16, 0) > 0) {}
  added = add_all(survey, set, 0);
  return added < 0 ? added : 0;
}
