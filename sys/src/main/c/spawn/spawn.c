/*
 * Starts a program, in the manner of glibc's posix_spawn(3): the child borrows the memory of its caller, who waits until
 * the program runs. Nothing is copied, however large the JVM is, and a failure needs no pipe to come back through.
 *
 * posix_spawn(3) itself cannot set user, groups, limits, nice, death signal, controlling terminal or control group, and
 * tells the errno of a failure but not of what. A helper program that does these, as the JDK has one, costs a second exec.
 *
 * Why the child may run at all in the memory of a JVM: it makes raw system calls only; signals are blocked before clone(2),
 * so that no handler of the JVM's runs in it, and unblocked after every disposition is the default; and only the calling
 * thread waits.
 */
#include "spawn/spawn.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault.h"
#include "raw.h"

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif

/* The child's frames are small, and the kernel copies arguments from the caller's memory, not from here. */
#define STACK_BYTES 16384

/* A child that could not become what was asked for: reaped here, as its caller never hears of its pid. */
static void discard(int pid, int pidfd) {
  siginfo_t info;
  /* EINTR cannot be: all signals are blocked. ECHILD: the program ignores SIGCHLD, the kernel has reaped. */
  raw5(SYS_waitid, P_PID, pid, &info, WEXITED | __WALL, 0);
  raw1(SYS_close, pidfd);
}

/*
 * A child that changes its user makes the memory it is in undumpable, which is still the caller's, too: so the caller makes it
 * dumpable again. One such child at a time: a second caller that looked while the first one's child was there would find the
 * memory undumpable already, and leave it so for good.
 */
static pthread_mutex_t user_changes = PTHREAD_MUTEX_INITIALIZER;

static int begin_change_of_user(void) {
  pthread_mutex_lock(&user_changes);
  return prctl(PR_GET_DUMPABLE);
}

static void end_change_of_user(int dumpable) {
  if (dumpable == 1 && prctl(PR_GET_DUMPABLE) != 1) prctl(PR_SET_DUMPABLE, 1);
  pthread_mutex_unlock(&user_changes);
}

int tine_spawn(const struct tine_spawn_request *request, struct tine_spawn_result *result) {
  *result = (struct tine_spawn_result){.pidfd = -1, .item = -1, .phase = TINE_SPAWN_CLONE};
  struct tine__spawn spawn = {
      .request = request,
      .result = result,
      .environment = request->environment != NULL ? request->environment : (const char *const *)environ,
      .parent = raw0(SYS_getpid),
  };
  /* On this stack, as vfork(2) would have it: its owner does nothing before the child is done with it. */
  char stack[STACK_BYTES] __attribute__((aligned(16)));
  uint64_t all = ~(uint64_t)0, mask; /* not sigfillset(3), which leaves out the signals that glibc uses */
  int changes_user = (request->options & (TINE_SPAWN_SET_UID | TINE_SPAWN_SET_GID)) != 0;
  /* Before signals are blocked: a thread that waits for its turn can be parked. */
  int dumpable = changes_user ? begin_change_of_user() : 0;
  raw4(SYS_rt_sigprocmask, SIG_SETMASK, &all, &mask, sizeof mask);
  int pidfd = -1;
  long pid = tine__fault(TINE_FAULT_SPAWN + TINE_SPAWN_CLONE);
  if (pid == 0)
    pid = tine__clone_thread(CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, stack + sizeof stack, &pidfd, 0,
                             tine__spawn_become, &spawn);
  if (pid > 0 && result->error > 0) discard((int)pid, pidfd);
  raw4(SYS_rt_sigprocmask, SIG_SETMASK, &mask, 0, sizeof mask);
  if (changes_user) end_change_of_user(dumpable);
  if (pid < 0) result->error = (int32_t)-pid;
  if (result->error > 0) return -result->error;
  result->pidfd = pidfd;
  return result->pid = (int32_t)pid;
}
