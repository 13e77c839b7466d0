/* The monitor's side of a mold: see mold/. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fault.h"
#include "tine.h"
#include "verdict.h"

/* A worker that is not whole by now is stuck in the kernel (D state, memory thrashing). */
#define ANSWER_LIMIT_MS 60000

int tine_order_pair(int fds[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0 ? -errno : 0;
}

/* Receives the answer, and the descriptor that comes with it; *fd is -1 if there is none. 0 or -errno. */
static int receive_answer(int monitor_fd, struct tine_answer *answer, int32_t *fd) {
  union {
    struct cmsghdr header; /* aligns the space */
    char space[CMSG_SPACE(sizeof *fd)];
  } control;
  struct iovec data = {answer, sizeof *answer};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  *fd = -1;
  ssize_t n;
  do n = recvmsg(monitor_fd, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0) return -errno;
  if (n != sizeof *answer) return -EPIPE; /* the mold has died */
  const struct cmsghdr *sent = CMSG_FIRSTHDR(&message);
  if (sent != NULL && sent->cmsg_level == SOL_SOCKET && sent->cmsg_type == SCM_RIGHTS &&
      sent->cmsg_len == CMSG_LEN(sizeof *fd))
    memcpy(fd, CMSG_DATA(sent), sizeof *fd);
  /* Cut: there was no number free for the descriptor. What becomes of the worker cannot be heard, so it must not go on. */
  if (*fd < 0 && message.msg_flags & MSG_CTRUNC) {
    kill(answer->pid, SIGKILL);
    answer->stage = TINE_STAGE_REPAIR;
    answer->error = EMFILE;
  }
  return 0;
}

/* Waits until a worker has repaired itself, or the mold has ended: who wants to stop everything ends that first, and must
   not have to wait for a worker that is stuck. */
static void await_repairs(int monitor_fd, int32_t fd, struct tine_answer *answer) {
  struct tine__verdict verdict;
  tine__verdict_hear_repairs(fd, monitor_fd, answer->pid, &verdict);
  answer->stage = verdict.stage;
  answer->error = verdict.error;
  memcpy(answer->what, verdict.what, sizeof answer->what);
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

int tine_order_answer(int monitor_fd, struct tine_answer *answer, int32_t *repairs_fd) {
  return receive_answer(monitor_fd, answer, repairs_fd);
}

void tine_order_repaired(int monitor_fd, int32_t repairs_fd, struct tine_answer *answer) {
  await_repairs(monitor_fd, repairs_fd, answer);
  close(repairs_fd);
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
  int32_t repairs_fd;
  error = receive_answer(monitor_fd, answer, &repairs_fd);
  if (error < 0) return error;
  if (repairs_fd >= 0) tine_order_repaired(monitor_fd, repairs_fd, answer);
  return answer->stage != TINE_STAGE_NONE;
}
