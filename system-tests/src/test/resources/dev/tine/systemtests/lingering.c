/*
 * lingering PID: keeps the first thread of a process from ending, whatever the process dies of, until this one's
 * standard input is closed. Says "held" when that is so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count != 2) return 2;
  pid_t pid = atoi(arguments[1]);
  /* With this option the kernel stops the thread on its way out, before it gives anything back. */
  if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)PTRACE_O_TRACEEXIT) < 0) return perror("ptrace"), 1;
  puts("held");
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) {}
  int status;
  waitpid(pid, &status, __WALL);
  ptrace(PTRACE_DETACH, pid, NULL, NULL);
  return 0;
}
