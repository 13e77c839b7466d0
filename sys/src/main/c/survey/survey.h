/*
 * The survey: what the open descriptors were at the moment of the fork.
 *
 * It is taken while all threads are parked and before the process is cloned. Taken later, in the child, it would read
 * through descriptions it still shares with a parent that runs again: file positions that have moved on, and members
 * of an epoll set that the parent has just changed.
 *
 *   kinds       what a descriptor is, and what a child shall have in its place
 *   info        the state of it that only /proc/self/fdinfo tells
 *   aliases     which numbers are duplicates of one description
 *   members     which file a member of an epoll set is
 *   successors  pipes and socket pairs for the child
 *   mappings    writable memory that would be shared
 */
#ifndef TINE_SURVEY_SURVEY_H
#define TINE_SURVEY_SURVEY_H

#include <stdint.h>

#include "tine.h"

/* What a child has in the place of a descriptor. */
enum tine__fate {
  TINE__SHARED, /* the same description */
  TINE__OWN,    /* another description, of the same kind and in the same state */
  TINE__DEAD,   /* a socket that was never connected */
  TINE__REFUSED
};

struct tine__socket {
  int32_t domain, type, protocol;
  uint32_t shutdown; /* UNIX: 1 reading, 2 writing */
  uint64_t peer;     /* UNIX: inode of the other end; 0: not known */
};

struct tine__eventfd {
  uint64_t count;
  uint64_t id; /* 0: the kernel does not tell */
  int32_t semaphore;
};

struct tine__timer {
  int64_t deadline_ns; /* of the next expiry, by `reference`; 0: it is not armed */
  int64_t interval_ns;
  uint64_t ticks;    /* expiries that were not read */
  int32_t clock;     /* of timerfd_create */
  int32_t reference; /* the clock the deadline is of: its own if the time was absolute, else one that nobody sets */
  int32_t flags;     /* of timerfd_settime */
};

struct tine__descriptor {
  int32_t fd;
  uint8_t kind;          /* enum tine_kind */
  uint8_t fate;          /* enum tine__fate */
  uint8_t close_on_exec; /* 0 or 1 */
  uint8_t settled;       /* it is known whose alias it is */
  int32_t flags;         /* of fcntl(F_GETFL) */
  int32_t original;      /* index of the first number with the same description; -1: this is it */
  int32_t successor;     /* pipe and pair: what takes its place in the child, open in both until then; -1: nothing does */
  uint32_t next;         /* index + 1 of the next one with a key of the same place; 0: none */
  uint64_t key;          /* equal for duplicates, and for both ends of a pipe */
  uint64_t device, inode;
  union {
    int64_t position; /* file, directory */
    struct tine__socket socket;
    struct tine__eventfd eventfd;
    struct tine__timer timer;
    uint64_t mask;                    /* signalfd */
    int32_t last_watch;               /* inotify: the highest number of a watch; 0: it has none */
    struct { uint32_t first, count; } members; /* epoll: in survey->members */
  };
};

/* Member of an epoll set, which knows it by its file, and by the number it had when it was added. */
struct tine__member {
  uint64_t data;
  uint32_t events;
  int32_t fd;  /* that number */
  int32_t via; /* a number that the file has now; -1: not known, or none in this process */
  uint32_t device;
  uint64_t inode;
};

struct tine__survey {
  struct tine__descriptor *descriptors; /* by ascending number */
  struct tine__member *members;
  uint32_t count, capacity;
  uint32_t member_count, member_capacity;
  uint32_t *places; /* by key: index + 1 of the first descriptor; 0: none */
  uint32_t place_count, place_capacity;
  uint32_t *stamps; /* by number: index + 1 of the last epoll set that had it as a member */
  uint32_t stamp_capacity;
  long fd_directory, info_directory; /* /proc/self/fd and /proc/self/fdinfo, while the survey is taken */
  /* Set by the caller: */
  int32_t exempt[4]; /* descriptors of the fork's own; -1: none */
  uint32_t relaxed;
  int32_t kept_count, mapped_count;
  const struct tine_file *kept, *mapped;
  struct tine_refusal *refusal;
};

/* Fills the survey; grows it by mmap. 0; -EOPNOTSUPP and *refusal; or -errno. Leader, all parked. AS-safe. */
int tine__survey_take(struct tine__survey *survey);

/* Only numbers and kinds, while threads run. 0 or -errno. */
int tine__survey_list(struct tine__survey *survey);

/* The descriptor with this number; NULL: there is none in the survey. AS-safe. */
const struct tine__descriptor *tine__survey_find(const struct tine__survey *survey, int32_t fd);

/* Makes the successors of pipes and pairs, before a clone. 0, or -errno and none is left. AS-safe. */
int tine__survey_open_successors(struct tine__survey *survey);

/* Closes the successors: in the parent, once there is a child or none, and in the child, when they are in place.
   AS-safe. */
void tine__survey_close_successors(struct tine__survey *survey);

#endif
