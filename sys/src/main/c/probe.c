/* What this kernel, libc and process can do. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "loader.h"
#include "raw.h"
#include "tine.h"

#ifndef PR_GET_TID_ADDRESS
#define PR_GET_TID_ADDRESS 40
#endif

extern const unsigned int __rseq_size __attribute__((weak));

static int probe_pidfd(void) {
  int fd = tine_pidfd(tine_getpid());
  if (fd < 0) return -fd;
  struct tine_exit ignored;
  int error = tine_reap(fd, &ignored); /* ECHILD: understood; EINVAL: P_PIDFD is not known */
  tine_close(fd);
  return error == -ECHILD ? 0 : error < 0 ? -error : EPROTO;
}

static int probe_leader(void) {
  char text[1024];
  if (tine__read_file("/proc/self/stat", text, sizeof text) <= 0) return ENOENT;
  const char *state = strrchr(text, ')');
  return state != NULL && (state[2] == 'Z' || state[2] == 'X') ? ESRCH : 0;
}

int tine_probe(struct tine_probe *probe) {
  int *address = NULL;
  probe->tid_address = (int32_t)-raw2(SYS_prctl, PR_GET_TID_ADDRESS, &address);
  probe->pidfd = probe_pidfd();
  probe->leader = probe_leader();
  probe->loader_locks = -tine__loader_find();
  probe->rseq_size = &__rseq_size == NULL ? 0 : (int32_t)__rseq_size;
  return 0;
}

int tine_free_signal(void) {
  for (int signal = SIGRTMIN + 1; signal <= SIGRTMAX; signal++) {
    struct sigaction action;
    if (sigaction(signal, NULL, &action) < 0) continue;
    if (!(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_DFL) return signal;
  }
  return -EBUSY;
}
