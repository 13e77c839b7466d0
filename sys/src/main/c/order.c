/* The monitor's side of a mold: see mold/. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fault.h"
#include "tine.h"

/* A worker that is not whole by now is stuck in the kernel (D state, memory thrashing). */
#define ANSWER_LIMIT_MS 60000

int tine_order_pair(int fds[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0 ? -errno : 0;
}

int tine_order_worker(int monitor_fd, const struct tine_order *order, struct tine_answer *answer) {
  memset(answer, 0, sizeof *answer);
  int fault = tine__fault(TINE_STAGE_ORDER);
  if (fault < 0) return fault;
  ssize_t n;
  do n = send(monitor_fd, order, sizeof *order, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n < 0) return -errno;
  struct pollfd readable = {.fd = monitor_fd, .events = POLLIN};
  int ready;
  do ready = poll(&readable, 1, ANSWER_LIMIT_MS);
  while (ready < 0 && errno == EINTR);
  if (ready <= 0) return ready < 0 ? -errno : -ETIMEDOUT;
  do n = recv(monitor_fd, answer, sizeof *answer, 0);
  while (n < 0 && errno == EINTR);
  if (n < 0) return -errno;
  if (n != sizeof *answer) return -EPIPE; /* the mold has died */
  return -answer->error;
}
