/*
 * tine_exchange(): another file in the place of one, while the program runs.
 *
 * A worker stops to accept when what it listens at is a socket that nobody knows of, and begins to when it is the real
 * one. All threads are parked meanwhile. The kernel executes a call that was interrupted again, and it finds the new
 * file under the number: so does a thread that sits in accept(2). A set of epoll holds files and not numbers, and is
 * told explicitly.
 *
 * AS-safe code only, from the first parked thread to the last released one.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "lead.h"
#include "park/park.h"
#include "raw.h"
#include "survey/survey.h"
#include "tine.h"

static struct tine__survey survey;
static struct tine_refusal refusal;
static struct tine_file wanted;
static struct tine__obstruction obstruction;
static int park_signal;
static int64_t park_limit_ns;
static int64_t stuck_ns; /* of this attempt */
static int result; /* how many numbers have the new file, or -errno */

static int is_wanted(const struct tine__descriptor *d) { return d->device == wanted.device && d->inode == wanted.inode; }

/* The member's descriptor, if it is the file that goes; NULL: it is another. */
static const struct tine__descriptor *leaving(const struct tine__member *member) {
  const struct tine__descriptor *d = member->via < 0 ? NULL : tine__survey_find(&survey, member->via);
  return d != NULL && is_wanted(d) ? d : NULL;
}

/* Calls visit for each member of a set that is the file; stops at the first failure. */
static int each_member(int (*visit)(int32_t set, const struct tine__member *member)) {
  int error = 0;
  for (uint32_t i = 0; i < survey.count && error == 0; i++) {
    const struct tine__descriptor *set = &survey.descriptors[i];
    if (set->kind != TINE_KIND_EPOLL || set->original >= 0) continue;
    for (uint32_t j = 0; j < set->members.count && error == 0; j++) {
      const struct tine__member *member = &survey.members[set->members.first + j];
      if (leaving(member) != NULL) error = visit(set->fd, member);
    }
  }
  return error;
}

/* A set that knows the file by a number that is another's now could only be told with that number taken away. */
static int check(int32_t set, const struct tine__member *member) {
  (void)set;
  return member->via == member->fd ? 0 : -ENOTSUP;
}

static int take_out(int32_t set, const struct tine__member *member) {
  struct epoll_event ignored = {0};
  long error = raw4(SYS_epoll_ctl, set, EPOLL_CTL_DEL, member->fd, &ignored);
  return error == -ENOENT ? 0 : (int)error;
}

static int put_in(int32_t set, const struct tine__member *member) {
  struct epoll_event event = {.events = member->events, .data = {.u64 = member->data}};
  long error = raw4(SYS_epoll_ctl, set, EPOLL_CTL_ADD, member->fd, &event);
  return error == -EEXIST ? 0 : (int)error;
}

/* Puts fd in the place of every number of the file. How many there are, or -errno. */
static int put_everywhere(int32_t fd) {
  int count = 0;
  for (uint32_t i = 0; i < survey.count; i++) {
    const struct tine__descriptor *d = &survey.descriptors[i];
    if (!is_wanted(d)) continue;
    long error = raw3(SYS_dup3, fd, d->fd, d->close_on_exec ? O_CLOEXEC : 0);
    /* The mode in which the program waits at it belongs to the description, and is never taken back: child/descriptors.c. */
    if (error >= 0 && d->flags & O_NONBLOCK) error = raw3(SYS_fcntl, d->fd, F_SETFL, O_NONBLOCK);
    if (error < 0) return (int)error;
    count++;
  }
  return count;
}

static int exchange(void) {
  const struct tine__descriptor *old = NULL;
  for (uint32_t i = 0; i < survey.count && old == NULL; i++)
    if (is_wanted(&survey.descriptors[i])) old = &survey.descriptors[i];
  if (old == NULL) return -ENOENT;
  int error = each_member(check);
  if (error < 0) return error;
  long aside = raw3(SYS_fcntl, old->fd, F_DUPFD_CLOEXEC, 0); /* the way back */
  if (aside < 0) return (int)aside;
  /* Out of the sets before the numbers are another's: then no number would name the file any more, and the sets would
     go on reporting it, as long as another process has it open. */
  error = each_member(take_out);
  int count = error < 0 ? error : put_everywhere(wanted.fd);
  error = count < 0 ? count : each_member(put_in);
  if (error < 0) {
    each_member(take_out);
    put_everywhere((int32_t)aside);
    each_member(put_in);
  }
  raw1(SYS_close, aside);
  return error < 0 ? error : count;
}

static enum tine__outcome lead(ucontext_t *context) {
  (void)context;
  int parked = tine__park_all(stuck_ns, &obstruction);
  if (parked < 0) {
    result = parked;
    return TINE__NOBODY_PARKED;
  }
  for (unsigned i = 0; i < sizeof survey.exempt / sizeof *survey.exempt; i++) survey.exempt[i] = -1;
  survey.relaxed = ~0u; /* nothing is copied: whatever else the process has does not matter */
  survey.refusal = &refusal;
  result = tine__survey_take(&survey);
  if (result == 0) result = exchange();
  return TINE__RELEASE;
}

static int attempt(int64_t patience_ns) {
  stuck_ns = patience_ns;
  memset(&obstruction, 0, sizeof obstruction);
  int error = tine__park_install(park_signal);
  if (error == 0) error = tine__park_prepare(park_limit_ns);
  if (error == 0) error = tine__lead_run(lead, park_signal, park_limit_ns, &obstruction);
  if (error == 0) error = result;
  return error == -EAGAIN ? TINE__STUCK : error;
}

int tine_exchange(const struct tine_file *file, int signal, int64_t limit_ns, char name[16]) {
  int64_t begin = tine__now_ns();
  int error = tine__lead_claim();
  if (error < 0) return error;
  wanted = *file;
  park_signal = signal;
  park_limit_ns = limit_ns;
  error = tine__lead_persist(attempt, begin, limit_ns);
  memcpy(name, obstruction.name, sizeof obstruction.name);
  tine__lead_yield();
  return error;
}
