#include "verdict.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#include "raw.h"
#include "tine.h"

/* Longer than a child of many threads takes on a machine that is overloaded; the threads of its parent stand still. */
#define LIMIT_SECONDS 10

void tine__verdict_hear(int32_t fd, int32_t pid, struct tine__verdict *verdict) {
  struct pollfd readable = {.fd = fd, .events = POLLIN};
  struct timespec limit = {LIMIT_SECONDS, 0};
  long ready;
  do ready = raw5(SYS_ppoll, &readable, 1, &limit, 0, 0); /* the kernel puts what is left of it into the limit */
  while (ready == -EINTR);
  long n = ready > 0 ? raw3(SYS_read, fd, verdict, sizeof *verdict) : 0; /* whole or nothing: smaller than PIPE_BUF */
  if (n == sizeof *verdict) return;
  *verdict = (struct tine__verdict){TINE_STAGE_VERDICT, ECHILD};
  if (ready > 0) return;
  /* It cannot get on: it opens a file again on a server that is gone. Its pid cannot be another's, nobody reaps it yet. */
  raw2(SYS_kill, pid, SIGKILL);
  verdict->error = ETIMEDOUT;
}
