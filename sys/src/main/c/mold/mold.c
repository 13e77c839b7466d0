#include "mold/mold.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "fault.h"
#include "raw.h"

/* Room for the descriptors of an order. */
struct passed {
  struct cmsghdr header;
  int32_t fds[TINE_ORDER_FILES_MAX];
};

/*
 * The next order, and its descriptors in passed->fds. Does not return if there will be none: 0: the monitor closed its
 * end. Descriptors are counted by what came and not by what the order says: those are not to be trusted to agree.
 */
static int32_t next_order(int32_t order_fd, struct tine_order *order, struct passed *passed) {
  long n;
  int32_t count = 0;
  do {
    struct iovec part = {order, sizeof *order};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = passed, .msg_controllen = sizeof *passed};
    n = raw3(SYS_recvmsg, order_fd, &header, MSG_CMSG_CLOEXEC);
    if (n >= 0 && header.msg_controllen >= sizeof passed->header && passed->header.cmsg_type == SCM_RIGHTS)
      count = (int32_t)((passed->header.cmsg_len - sizeof passed->header) / sizeof *passed->fds);
  } while (n == -EINTR);
  if (n != sizeof *order || count != order->file_count) raw1(SYS_exit_group, n == 0 ? 0 : TINE__EXIT_NOT_WHOLE);
  order->title[TINE_TITLE_MAX - 1] = 0;
  return count;
}

/*
 * 1 in the worker. Else the worker's verdict is in the answer; *repairs_fd is where it will say that it has repaired itself,
 * for the caller to close, or -1. It is the monitor who waits for that: repairs may take as long as a collection of the
 * heap, and a mold that waited would take no order meanwhile, for a worker that it could do nothing about.
 */
static int make_worker(int32_t order_fd, const struct tine__child *mold, const struct tine_order *order,
                       const int32_t *fds, struct tine_answer *answer, int32_t *repairs_fd) {
  int32_t verdict_fds[2] = {-1, -1};
  long pid = tine__fault(TINE_STAGE_CLONE);
  if (pid == 0) pid = tine__survey_open_successors(mold->survey);
  if (pid == 0) pid = raw2(SYS_pipe2, verdict_fds, O_CLOEXEC);
  if (pid == 0) {
    /* CLONE_PARENT: a child of the monitor, which alone waits for it; it is sent SIGCHLD as for the mold itself. */
    unsigned long flags = CLONE_PARENT | SIGCHLD | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    pid = raw5(SYS_clone, flags, 0, 0, mold->leader->tid_address, 0);
    if (pid == 0) {
      struct tine__child worker = *mold;
      worker.title = order->title;
      worker.death_signal = order->death_signal;
      worker.verdict_fd = verdict_fds[1];
      worker.unwanted_fds[0] = verdict_fds[0];
      worker.unwanted_fds[1] = order_fd;
      worker.with_threads = 1;
      worker.files = order->files;
      worker.file_fds = fds;
      worker.file_count = order->file_count;
      tine__child_become(&worker);
      return 1;
    }
  }
  tine__survey_close_successors(mold->survey);
  answer->pid = pid > 0 ? (int32_t)pid : 0;
  if (pid < 0) {
    answer->stage = TINE_STAGE_CLONE;
    answer->error = (int32_t)-pid;
  } else {
    /* Closed first: with this end open here, the death of the worker would not end the read. */
    raw1(SYS_close, verdict_fds[1]);
    verdict_fds[1] = -1;
    (void)tine__fault(TINE_FAULT_CLONED);
    struct tine__verdict verdict;
    tine__verdict_hear(verdict_fds[0], answer->pid, &verdict);
    (void)tine__fault(TINE_FAULT_HEARD);
    answer->stage = verdict.stage;
    answer->error = verdict.error;
    if (verdict.stage == TINE_STAGE_NONE && mold->repairs) {
      *repairs_fd = verdict_fds[0];
      verdict_fds[0] = -1;
    }
  }
  for (int i = 0; i < 2; i++)
    if (verdict_fds[i] >= 0) raw1(SYS_close, verdict_fds[i]);
  return 0;
}

/* Sends the answer, and with it a descriptor unless that is -1. */
static void send_answer(int32_t order_fd, struct tine_answer *answer, int32_t fd) {
  union {
    struct cmsghdr header; /* aligns the space */
    char space[CMSG_SPACE(sizeof fd)];
  } control = {.header = {.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  *(int32_t *)CMSG_DATA(&control.header) = fd;
  struct iovec data = {answer, sizeof *answer};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
  if (fd >= 0) {
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
  }
  raw3(SYS_sendmsg, order_fd, &message, MSG_NOSIGNAL);
}

void tine__mold_serve(int32_t order_fd, const struct tine__child *mold, struct tine_order *order) {
  for (;;) {
    struct passed passed;
    int32_t count = next_order(order_fd, order, &passed);
    struct tine_answer answer = {.pid = 0};
    int32_t repairs_fd = -1;
    if (make_worker(order_fd, mold, order, passed.fds, &answer, &repairs_fd)) return;
    for (int32_t i = 0; i < count; i++) raw1(SYS_close, passed.fds[i]);
    send_answer(order_fd, &answer, repairs_fd);
    if (repairs_fd >= 0) raw1(SYS_close, repairs_fd);
  }
}
