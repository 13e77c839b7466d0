/*
 * The thread by which the monitor hears of a worker's death before it is complete.
 *
 * A process has ended, for those who wait for it, when its last thread has given back its memory: tens of milliseconds
 * for some hundred megabytes. But its threads end one by one, and long before that. This one has a table of descriptors
 * of its own, with one end of a pipe in it that nothing else has: the kernel closes it when this thread ends, and that
 * is when the process is killed, crashes (after its core dump) or exits.
 */
#include <errno.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "raw.h"
#include "run/run.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2
#endif

static struct {
  int fd;           /* the end of the pipe that is this thread's */
  int error;        /* why it has no table of its own */
  sem_t begun, end; /* posted by it, and to it */
  int runs;
} herald;

/* Signals, that of a fork among them, interrupt it. */
static void wait_for(sem_t *semaphore) {
  while (sem_wait(semaphore) < 0 && errno == EINTR) {}
}

/* Everything but one descriptor is closed: what the program closes would stay open here. */
static int take_own_table(int fd) {
  /* With the first call the table is a copy. It has no numbers above, so that a large one is not copied to be closed. */
  int error = (int)raw3(SYS_close_range, fd + 1, ~0u, CLOSE_RANGE_UNSHARE);
  if (error == 0 && fd > 0) error = (int)raw3(SYS_close_range, 0, fd - 1, 0);
  return error;
}

static void *live(void *unused) {
  prctl(PR_SET_NAME, "tine-herald");
  herald.error = take_own_table(herald.fd);
  int error = herald.error;
  sem_post(&herald.begun);
  if (error == 0) wait_for(&herald.end);
  return unused;
}

void tine__herald_start(const struct tine__run *run) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) < 0) return;
  herald.fd = fds[1];
  sem_init(&herald.begun, 0, 0);
  sem_init(&herald.end, 0, 0);
  herald.runs = tine__create_thread(live, NULL) == 0;
  if (herald.runs) {
    /* Before the close: until the table of that thread is its own, it is this one's. */
    wait_for(&herald.begun);
    herald.runs = herald.error == 0;
  }
  close(fds[1]);
  struct tine_message message = {.type = TINE_MESSAGE_HERALD};
  /* Linux before 5.9, or no thread can be made: its death is seen when it is complete. */
  if (herald.runs) tine_message_send(run->control_fd, &message, fds[0]);
  close(fds[0]);
}

void tine__herald_end(void) {
  if (herald.runs) sem_post(&herald.end);
  herald.runs = 0;
}
