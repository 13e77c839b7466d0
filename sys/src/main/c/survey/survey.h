/*
 * The survey: what the open descriptors were at the moment of the fork.
 *
 * It is taken while all threads are parked and before the process is cloned. Taken later, in the child, it would read
 * through descriptions it still shares with a parent that runs again: file positions that have moved on, and members
 * of an epoll set that the parent has just changed.
 */
#ifndef TINE_SURVEY_SURVEY_H
#define TINE_SURVEY_SURVEY_H

#include <stdint.h>

enum tine__descriptor_kind {
  TINE__FILE,    /* regular file: has a position */
  TINE__EPOLL,   /* epoll set: has members */
  TINE__EVENTFD, /* has a count */
  TINE__PIPE,    /* one end of a pipe without a name */
  TINE__PAIR,    /* one end of a socket pair that has both ends in this process */
  TINE__SOCKET,  /* connected, or about to be */
  TINE__INOTIFY  /* has a queue of events, and watches */
};

/* A descriptor that must not share its description with the parent. All others may. */
struct tine__descriptor {
  int32_t fd;
  uint8_t kind;          /* enum tine__descriptor_kind */
  uint8_t close_on_exec; /* 0 or 1 */
  uint8_t semaphore;     /* eventfd: EFD_SEMAPHORE */
  int32_t flags;         /* of fcntl(F_GETFL) */
  int32_t successor;     /* pipe and pair: what takes its place in the child, open in both until then; -1: nothing does */
  uint32_t members;      /* epoll: how many of survey->members are its own, in order */
  uint64_t value;        /* file: position. eventfd: count. pipe: inode, the same for both ends. socket: inode */
  uint64_t peer;         /* UNIX socket: inode of the other end; 0: not known */
  int32_t domain, type, protocol; /* socket */
};

struct tine__member {
  uint64_t data;
  uint32_t events;
  int32_t fd;
};

struct tine__survey {
  struct tine__descriptor *descriptors;
  struct tine__member *members;
  uint32_t count, capacity;
  uint32_t member_count, member_capacity;
  int32_t seen;      /* all descriptors, also those that need nothing */
  int32_t exempt[4]; /* descriptors of the fork's own; set by the caller, -1: none */
};

/* Fills the survey; grows it by mmap. 0 or -errno. Leader, all parked. AS-safe. */
int tine__survey_take(struct tine__survey *survey);

/* Makes the successors of pipes, before a clone. 0, or -errno and none is left. AS-safe. */
int tine__survey_open_successors(struct tine__survey *survey);

/* Closes the successors: in the parent, once there is a child or none, and in the child, when they are in place.
   AS-safe. */
void tine__survey_close_successors(struct tine__survey *survey);

#endif
