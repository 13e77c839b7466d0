#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "raw.h"
#include "survey/parts.h"
#include "text.h"

#define NS 1000000000L

/* A /proc file read line by line, of any length. */
struct lines {
  long fd;
  int short_text;  /* one read tells all: that there is no more need not be asked for */
  long begin, end; /* of what is read and not yet handed out */
  char text[32768];
};

/* The next line without its newline; NULL at the end. */
static const char *next_line(struct lines *lines) {
  for (long seen = 0;;) {
    for (long i = lines->begin + seen; i < lines->end; i++) {
      if (lines->text[i] != '\n') continue;
      lines->text[i] = 0;
      const char *line = lines->text + lines->begin;
      lines->begin = i + 1;
      return line;
    }
    if (lines->short_text && lines->end > 0) return NULL;
    seen = lines->end - lines->begin;
    for (long i = 0; i < seen; i++) lines->text[i] = lines->text[lines->begin + i];
    lines->end = seen;
    lines->begin = 0;
    long n = raw3(SYS_read, lines->fd, lines->text + lines->end, (long)sizeof lines->text - lines->end);
    if (n <= 0) return NULL; /* a last line without newline does not occur in fdinfo */
    lines->end += n;
  }
}

/* The number behind `key`, from *at on; *at is moved behind it, or is NULL if there is no such key. */
static uint64_t number_after(const char **at, const char *key, unsigned base) {
  for (const char *p = *at; p != NULL && *p; p++) {
    if (*p != *key || !tine__starts_with(p, key)) continue;
    while (*key) p++, key++;
    return tine__number(p, base, at);
  }
  *at = NULL;
  return 0;
}

/* "tfd:        8 events:       19 data:             7f01  pos:0 ino:5a sdev:e" */
static int read_member(struct tine__survey *survey, struct tine__descriptor *set, const char *line) {
  if (!tine__starts_with(line, "tfd:")) return 0;
  struct tine__member member = {.via = -1};
  member.fd = (int32_t)number_after(&line, "tfd:", 10);
  member.events = (uint32_t)number_after(&line, "events:", 16);
  member.data = number_after(&line, "data:", 16);
  member.inode = number_after(&line, "ino:", 16);
  member.device = (uint32_t)number_after(&line, "sdev:", 16);
  return line == NULL ? -EPROTO : tine__member_add(survey, set, member);
}

static void read_eventfd(struct tine__descriptor *d, const char *line) {
  const char *at = line;
  if (tine__starts_with(line, "eventfd-count:"))
    d->eventfd.count = number_after(&at, ":", 16);
  else if (tine__starts_with(line, "eventfd-id:"))
    d->eventfd.id = number_after(&at, ":", 10) + 1;
  else if (tine__starts_with(line, "eventfd-semaphore:"))
    d->eventfd.semaphore = number_after(&at, ":", 10) != 0;
}

static void read_timer(struct tine__timer *timer, const char *line) {
  const char *at = line;
  if (tine__starts_with(line, "clockid:"))
    timer->clock = (int32_t)number_after(&at, ":", 10);
  else if (tine__starts_with(line, "ticks:"))
    timer->ticks = number_after(&at, ":", 10);
  else if (tine__starts_with(line, "settime flags:"))
    timer->flags = (int32_t)number_after(&at, ":", 8);
}

static int64_t ns_of(const struct timespec *time) { return (int64_t)time->tv_sec * NS + time->tv_nsec; }

/*
 * The deadline is noted, not what remains: time passes until the child sets its timer, and much of it in a mold.
 *
 * timerfd_gettime comes first. A periodic timer that has expired stands still until it is read, and fdinfo tells
 * nothing of its phase; this call makes it go on, as a read would, and leaves the expiries unread.
 */
static int begin_timer(int32_t fd, struct itimerspec *setting, struct timespec now[3]) {
  long error = raw2(SYS_timerfd_gettime, fd, setting);
  clock_gettime(CLOCK_REALTIME, &now[0]);
  clock_gettime(CLOCK_MONOTONIC, &now[1]);
  clock_gettime(CLOCK_BOOTTIME, &now[2]);
  return (int)error;
}

static void end_timer(struct tine__timer *timer, const struct itimerspec *setting, const struct timespec now[3]) {
  int boot = timer->clock == CLOCK_BOOTTIME || timer->clock == CLOCK_BOOTTIME_ALARM;
  int real = timer->clock == CLOCK_REALTIME || timer->clock == CLOCK_REALTIME_ALARM;
  int absolute = timer->flags & TFD_TIMER_ABSTIME;
  int index = boot ? 2 : real && absolute ? 0 : 1;
  static const int32_t references[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME};
  timer->reference = references[index];
  timer->interval_ns = ns_of(&setting->it_interval);
  int64_t left = ns_of(&setting->it_value);
  /* One that shall expire once, and has, between the two looks perhaps, is not armed any more. */
  if (timer->interval_ns == 0 && timer->ticks > 0) left = 0;
  timer->deadline_ns = left == 0 && timer->interval_ns == 0 ? 0 : ns_of(&now[index]) + left;
}

static int read_lines(struct tine__survey *survey, struct tine__descriptor *d) {
  static struct lines lines;
  char name[16];
  lines.fd = raw4(SYS_openat, survey->info_directory, tine__path(name, "", d->fd, ""), O_RDONLY | O_CLOEXEC, 0);
  if (lines.fd < 0) return (int)lines.fd;
  lines.begin = lines.end = 0;
  lines.short_text = d->kind != TINE_KIND_EPOLL && d->kind != TINE_KIND_INOTIFY;
  int error = 0;
  for (const char *line; error == 0 && (line = next_line(&lines)) != NULL;) {
    const char *at = line;
    switch (d->kind) {
      case TINE_KIND_EPOLL:
        error = read_member(survey, d, line);
        break;
      case TINE_KIND_EVENTFD:
        read_eventfd(d, line);
        break;
      case TINE_KIND_TIMERFD:
        read_timer(&d->timer, line);
        break;
      case TINE_KIND_SIGNALFD:
        if (tine__starts_with(line, "sigmask:")) d->mask = number_after(&at, ":", 16);
        break;
      case TINE_KIND_INOTIFY:
        if (!tine__starts_with(line, "inotify wd:")) break;
        int32_t watch = (int32_t)number_after(&at, "wd:", 16);
        if (watch > d->last_watch) d->last_watch = watch;
        break;
    }
  }
  raw1(SYS_close, lines.fd);
  return error;
}

static uint64_t key_of(const struct tine__survey *survey, const struct tine__descriptor *d) {
  uint64_t key = d->kind;
  switch (d->kind) {
    case TINE_KIND_FILE:
    case TINE_KIND_DIRECTORY:
      return tine__mix(tine__mix(tine__mix(key, d->device), d->inode), (uint64_t)d->position);
    case TINE_KIND_EVENTFD:
      return tine__mix(key, d->eventfd.id != 0 ? d->eventfd.id : ~d->eventfd.count);
    case TINE_KIND_TIMERFD:
      return tine__mix(tine__mix(key, (uint64_t)d->timer.interval_ns), (uint64_t)d->timer.clock);
    case TINE_KIND_SIGNALFD:
      return tine__mix(key, d->mask);
    case TINE_KIND_INOTIFY:
      return tine__mix(key, (uint64_t)d->last_watch);
    case TINE_KIND_EPOLL:
      for (uint32_t i = 0; i < d->members.count; i++) {
        const struct tine__member *member = &survey->members[d->members.first + i];
        key = tine__mix(tine__mix(key, member->data), (uint64_t)member->fd);
      }
      return key;
    default: /* pipes and sockets: the inode tells them apart */
      return tine__mix(d->device, d->inode);
  }
}

int tine__info(struct tine__survey *survey, struct tine__descriptor *d) {
  int error = 0;
  struct itimerspec setting;
  struct timespec now[3];
  switch (d->kind) {
    case TINE_KIND_FILE:
    case TINE_KIND_DIRECTORY:
      d->position = raw3(SYS_lseek, d->fd, 0, SEEK_CUR);
      break;
    case TINE_KIND_TIMERFD:
      error = begin_timer(d->fd, &setting, now);
      if (error == 0) error = read_lines(survey, d);
      if (error == 0) end_timer(&d->timer, &setting, now);
      break;
    case TINE_KIND_EPOLL:
      d->members.first = survey->member_count;
      error = read_lines(survey, d);
      break;
    case TINE_KIND_EVENTFD:
    case TINE_KIND_SIGNALFD:
    case TINE_KIND_INOTIFY:
      error = read_lines(survey, d);
      break;
  }
  d->key = key_of(survey, d);
  return error;
}
