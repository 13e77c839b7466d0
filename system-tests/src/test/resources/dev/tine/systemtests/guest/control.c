/*
 * Preloaded into a program that is forked from outside: a thread that takes orders, one a line, from the FIFO
 * TINE_TEST_ORDERS, and says on standard output what came of each.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tine.h"

typedef int (*fork_function)(const struct tine_fork_request *, const char *, int, char *, int);
typedef int (*signal_function)(void);
typedef void (*last_function)(struct tine_fork_result *);

static void carry_out(int flags) {
  fork_function fork_guest = (fork_function)dlsym(RTLD_DEFAULT, "tine_guest_fork");
  signal_function free_signal = (signal_function)dlsym(RTLD_DEFAULT, "tine_free_signal");
  last_function last = (last_function)dlsym(RTLD_DEFAULT, "tine_fork_last");
  static int signal;
  if (signal == 0) signal = free_signal();
  struct tine_fork_request request = {
      .repairs = 1, .signal = signal, .order_fd = -1, .monitor_fd = -1, .park_limit_ns = 5000000000};
  char reason[1024];
  int pid = fork_guest(&request, getenv("TINE_TEST_JAR"), flags, reason, sizeof reason);
  struct tine_fork_result result = {0};
  if (pid == 0)
    for (;;) pause(); /* the orders are for the parent */
  if (pid < 0) last(&result);
  if (pid > 0)
    dprintf(STDOUT_FILENO, "forked %d\n", pid);
  else if (reason[0] != 0)
    dprintf(STDOUT_FILENO, "refused: %s\n", reason);
  else
    dprintf(STDOUT_FILENO, "failed: stage %d error %d\n", result.stage, result.error);
}

static void *control(void *path) {
  char line[64];
  FILE *orders = fopen(path, "re"); /* waits for the test */
  while (orders != NULL && fgets(line, sizeof line, orders) != NULL) carry_out(atoi(line));
  return NULL;
}

__attribute__((constructor)) static void begin(void) {
  pthread_t thread;
  char *path = getenv("TINE_TEST_ORDERS");
  if (path == NULL || getenv("LD_PRELOAD") == NULL) return; /* in a process that the program has started */
  unsetenv("LD_PRELOAD");
  if (pthread_create(&thread, NULL, control, strdup(path)) == 0) pthread_detach(thread);
}
