/* Processes by pidfd, and what else of the kernel Java has no words for. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw.h"
#include "tine.h"

#ifndef P_PIDFD
#define P_PIDFD 3 /* glibc 2.36 */
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#define SYS_pidfd_send_signal 424
#endif

int tine_pidfd(int pid) { return (int)raw2(SYS_pidfd_open, pid, 0); /* always close-on-exec */ }

int tine_signal(int pidfd, int signal) { return (int)raw4(SYS_pidfd_send_signal, pidfd, signal, 0, 0); }

int tine_reap(int pidfd, struct tine_exit *exit) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  long error = raw5(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED | WNOHANG, 0);
  if (error < 0) return (int)error;
  if (info.si_pid == 0) return 0;
  exit->kind = info.si_code == CLD_EXITED ? 0 : info.si_code == CLD_DUMPED ? 2 : 1;
  exit->value = info.si_status;
  return 1;
}

int tine_discard(int pid) {
  long error = raw2(SYS_kill, pid, SIGKILL);
  while (error == 0) {
    error = raw5(SYS_waitid, P_PID, pid, NULL, WEXITED, 0);
    if (error == 0) return 0;
    if (error == -EINTR) error = 0;
  }
  return (int)error;
}

int tine_wait_readable(const int32_t *fds, int32_t *ready, int n, int timeout_ms) {
  struct pollfd few[64], *polled = n <= 64 ? few : malloc((size_t)n * sizeof *polled);
  if (polled == NULL) return -ENOMEM;
  for (int i = 0; i < n; i++) polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
  int count = poll(polled, (nfds_t)n, timeout_ms);
  int result = count >= 0 ? count : errno == EINTR ? 0 : -errno;
  for (int i = 0; i < n; i++) ready[i] = result > 0 && polled[i].revents != 0;
  if (polled != few) free(polled);
  return result;
}

int tine_bell(void) {
  int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

int tine_bell_ring(int fd) {
  uint64_t one = 1;
  long n = raw3(SYS_write, fd, &one, sizeof one);
  return n < 0 && n != -EAGAIN ? (int)n : 0; /* EAGAIN: it has rung often enough to be heard */
}

int tine_bell_clear(int fd) {
  uint64_t count;
  long n = raw3(SYS_read, fd, &count, sizeof count);
  return n < 0 && n != -EAGAIN ? (int)n : 0;
}

int tine_ended_child(void) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  long error = raw5(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT, 0);
  return error == -ECHILD ? 0 : error < 0 ? (int)error : info.si_pid;
}

int tine_close(int fd) { return (int)raw1(SYS_close, fd); }

int tine_getpid(void) { return (int)raw0(SYS_getpid); }

int tine_random(void *bytes, int size) {
  long n = raw3(SYS_getrandom, bytes, size, 0);
  return n < 0 ? (int)n : n == size ? 0 : -EIO; /* up to 256 bytes are never cut: getrandom(2) */
}

int tine_error_text(int error, char *text, int size) {
  const char *message = strerror_r(error, text, (size_t)size); /* GNU's: the message may lie elsewhere */
  if (message != text) {
    strncpy(text, message, (size_t)size - 1);
    text[size - 1] = 0;
  }
  return (int)strlen(text);
}
