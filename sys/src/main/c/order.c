/* The monitor's side of a mold: see mold/. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fault.h"
#include "tine.h"

/* A worker that is not whole by now is stuck in the kernel (D state, memory thrashing). */
#define ANSWER_LIMIT_MS 60000

int tine_order_pair(int fds[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0 ? -errno : 0;
}

int tine_order_send(int monitor_fd, const struct tine_order *order, const int32_t *fds) {
  struct iovec part = {(void *)(uintptr_t)order, sizeof *order};
  union {
    char bytes[CMSG_SPACE(TINE_ORDER_FILES_MAX * sizeof *fds)];
    struct cmsghdr aligned;
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
  size_t size = (size_t)order->file_count * sizeof *fds;
  if (order->file_count < 0 || order->file_count > TINE_ORDER_FILES_MAX) return -EINVAL;
  if (size > 0) {
    control.aligned = (struct cmsghdr){.cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.aligned), fds, size);
    header.msg_control = &control;
    header.msg_controllen = CMSG_SPACE(size);
  }
  int fault = tine__fault(TINE_STAGE_ORDER);
  if (fault < 0) return fault;
  ssize_t n;
  do n = sendmsg(monitor_fd, &header, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : 0;
}

int tine_order_answer(int monitor_fd, struct tine_answer *answer) {
  ssize_t n;
  do n = recv(monitor_fd, answer, sizeof *answer, 0);
  while (n < 0 && errno == EINTR);
  if (n < 0) return -errno;
  return n == sizeof *answer ? 0 : -EPIPE; /* the mold has died */
}

int tine_order_worker(int monitor_fd, const struct tine_order *order, struct tine_answer *answer) {
  memset(answer, 0, sizeof *answer);
  int error = tine_order_send(monitor_fd, order, NULL);
  if (error < 0) return error;
  struct pollfd readable = {.fd = monitor_fd, .events = POLLIN};
  int ready;
  do ready = poll(&readable, 1, ANSWER_LIMIT_MS);
  while (ready < 0 && errno == EINTR);
  if (ready <= 0) return ready < 0 ? -errno : -ETIMEDOUT;
  error = tine_order_answer(monitor_fd, answer);
  return error < 0 ? error : -answer->error;
}
