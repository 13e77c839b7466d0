/* epoll(7), and what a loop hears of children. */
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "raw.h"
#include "tine.h"

#ifndef P_PIDFD
#define P_PIDFD 3 /* glibc 2.36 */
#endif

int tine_poller(void) { return (int)raw1(SYS_epoll_create1, EPOLL_CLOEXEC); }

int tine_poller_set(int poller, int operation, int fd, uint32_t events, uint64_t key) {
  struct epoll_event event = {.events = events, .data.u64 = key};
  return (int)raw4(SYS_epoll_ctl, poller, operation, fd, &event);
}

int tine_poller_wait(int poller, struct tine_event *events, int capacity, int64_t timeout_ns) {
  struct epoll_event heard[256];
  if (capacity > 256) capacity = 256;
  /* Rounded up: a timer that is waited for must have expired, or its waiter would spin through the last millisecond. */
  int64_t timeout_ms = timeout_ns < 0 ? -1 : timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);
  if (timeout_ms > 3600000) timeout_ms = 3600000;
  long n = raw6(SYS_epoll_pwait, poller, heard, capacity, timeout_ms, 0, 8);
  for (long i = 0; i < n; i++) events[i] = (struct tine_event){heard[i].data.u64, heard[i].events};
  return (int)n;
}

int tine_wait_child(int pidfd, struct tine_child_exit *exit) {
  siginfo_t info;
  struct rusage usage;
  memset(&info, 0, sizeof info);
  long error = raw5(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED | WNOHANG, &usage);
  if (error < 0) return (int)error;
  if (info.si_pid == 0) return 0;
  *exit = (struct tine_child_exit){
      .kind = info.si_code == CLD_EXITED ? 0 : info.si_code == CLD_DUMPED ? 2 : 1,
      .value = info.si_status,
      .user_us = usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec,
      .system_us = usage.ru_stime.tv_sec * 1000000LL + usage.ru_stime.tv_usec,
      .minor_faults = usage.ru_minflt,
      .major_faults = usage.ru_majflt,
      .voluntary_switches = usage.ru_nvcsw,
      .involuntary_switches = usage.ru_nivcsw,
  };
  return 1;
}

int tine_kill(int pid, int signal) { return (int)raw2(SYS_kill, pid, signal); }
