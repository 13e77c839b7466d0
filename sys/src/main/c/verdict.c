#include "verdict.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#include "child/settle.h"
#include "fault.h"
#include "identity/identity.h"
#include "raw.h"

/* Longer than a child of many threads takes on a machine that is overloaded; the threads of its parent stand still. */
#define LIMIT_SECONDS 10

/* Longer than a child takes that has to collect a large heap in the middle of its repairs. Tests need not wait for it. */
#if TINE_FAULTS
#define REPAIRS_LIMIT_SECONDS 5
#else
#define REPAIRS_LIMIT_SECONDS 30
#endif

/* In a child that is not repaired yet: where it will say that it is; -1: it has, or has nobody to tell. */
static int32_t repairs_fd = -1;

static void hear(int32_t fd, int32_t order_fd, int32_t pid, int seconds, int stage, struct tine__verdict *verdict) {
  struct pollfd watched[] = {{.fd = fd, .events = POLLIN}, {.fd = order_fd}}; /* POLLHUP is reported unasked */
  struct timespec limit = {seconds, 0};
  long ready;
  do ready = raw5(SYS_ppoll, watched, 2, &limit, 0, 0); /* the kernel puts what is left of it into the limit */
  while (ready == -EINTR);
  /* What the child said comes first, if the other has ended at the same time. */
  int said = ready > 0 && watched[0].revents != 0;
  long n = said ? raw3(SYS_read, fd, verdict, sizeof *verdict) : 0; /* whole or nothing: smaller than PIPE_BUF */
  if (n == sizeof *verdict) return;
  *verdict = (struct tine__verdict){.stage = stage, .error = ECHILD};
  if (said) return;
  /* It cannot get on: it opens a file again on a server that is gone. Its pid cannot be another's, nobody reaps it yet. */
  raw2(SYS_kill, pid, SIGKILL);
  verdict->error = ready > 0 ? ECANCELED : ETIMEDOUT;
}

void tine__verdict_hear(int32_t fd, int32_t pid, struct tine__verdict *verdict) {
  hear(fd, -1, pid, LIMIT_SECONDS, TINE_STAGE_VERDICT, verdict);
}

void tine__verdict_hear_repairs(int32_t fd, int32_t order_fd, int32_t pid, struct tine__verdict *verdict) {
  hear(fd, order_fd, pid, REPAIRS_LIMIT_SECONDS, TINE_STAGE_REPAIR, verdict);
}

static long tell(int32_t fd, int stage, int error, const char *what) {
  struct tine__verdict verdict = {.stage = stage, .error = error};
  for (int i = 0; i < TINE_WHAT_MAX - 1 && what[i] != 0; i++) verdict.what[i] = what[i];
  return raw3(SYS_write, fd, &verdict, sizeof verdict); /* atomic: smaller than PIPE_BUF */
}

__attribute__((noreturn)) static void end(void) {
  for (;;) raw1(SYS_exit_group, TINE__EXIT_NOT_WHOLE);
}

void tine__verdict_whole(int32_t fd, int repairs) {
  /* Who waited for it has died, and has told nobody the pid: the fork has failed for all that know of it, and another takes
     its place. It must not go on as one more that serves. */
  if (tell(fd, TINE_STAGE_NONE, 0, "") == -EPIPE) {
    tine__identity_leave();
    end();
  }
  if (repairs)
    repairs_fd = fd;
  else
    raw1(SYS_close, fd);
}

void tine__verdict_fail(int32_t fd, int stage, int error, const char *what) {
  /* First: who hears of the failure finds nothing left of the child but its process, which it waits for. */
  tine__identity_leave();
  tell(fd, stage, error, what);
  end();
}

int tine_repaired(void) {
  tine__child_hurry();
  if (repairs_fd >= 0) tine__verdict_whole(repairs_fd, 0);
  repairs_fd = -1;
  return 0;
}

void tine_unrepaired(int error, const char *what) { tine__verdict_fail(repairs_fd, TINE_STAGE_REPAIR, error, what); }
