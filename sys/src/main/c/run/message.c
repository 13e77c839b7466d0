#include "run/run.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* More than any message has. */
#define FDS_MAX 4

int tine_message_send(int fd, const struct tine_message *message, int passed) {
  struct iovec part = {(void *)(uintptr_t)message, sizeof *message};
  union {
    char bytes[CMSG_SPACE(sizeof passed)];
    struct cmsghdr aligned;
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
  if (passed >= 0) {
    control.aligned = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof passed), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.aligned), &passed, sizeof passed);
    header.msg_control = &control;
    header.msg_controllen = sizeof control.bytes;
  }
  ssize_t n;
  do n = sendmsg(fd, &header, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : 0;
}

/* The first of the descriptors that came; -1: none did. All others are closed: nobody asked for them. */
static int first_passed(struct msghdr *header) {
  int first = -1;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      if (first < 0)
        first = fd;
      else
        close(fd);
    }
  }
  return first;
}

int tine_message_receive(int fd, struct tine_message *message, int *passed) {
  struct iovec part = {message, sizeof *message};
  union {
    char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
    struct cmsghdr aligned;
  } control;
  struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t n;
  do n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0) return -errno;
  *passed = first_passed(&header);
  if (n == sizeof *message && !(header.msg_flags & MSG_TRUNC)) {
    message->text[TINE_TEXT_MAX - 1] = 0;
    if (message->address_length >= 0 && message->address_length <= TINE_ADDRESS_MAX) return 0;
  }
  if (*passed >= 0) close(*passed);
  *passed = -1;
  return n == 0 ? -EPIPE : -EPROTO;
}
