/*
 * bare_fork MAPPINGS - the peer of JvmFork.fork(): a C process with the memory of a given JVM and one thread.
 *
 * MAPPINGS has a line "size resident huge" (KB) for each mapping of the JVM, made from its /proc/PID/smaps: how large
 * it is, how much of it is resident so that a fork has to copy its page tables, and how much of that is in huge pages. For each line "fork" on standard input it forks once and prints the nanoseconds from before fork(3) to the
 * first act of the child, which is to read the clock.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HUGE_PAGE ((size_t)2 << 20)

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

/* A mapping of its own: the hole of a page on either side keeps the kernel from joining it with its neighbour. */
static void imitate(size_t size, size_t resident, size_t huge) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t slack = huge > 0 ? HUGE_PAGE : 0;
  char *area = mmap(NULL, size + slack + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (area == MAP_FAILED) die("mmap");
  char *begin = area + page;
  if (huge > 0) begin = (char *)(((uintptr_t)begin + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
  if (munmap(area, (size_t)(begin - area)) < 0) die("munmap");
  if (munmap(begin + size, (size_t)(area + size + slack + 2 * page - (begin + size))) < 0) die("munmap");
  if (mprotect(begin, size, PROT_READ | PROT_WRITE) < 0) die("mprotect");
  if (madvise(begin, size, huge > 0 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) < 0) die("madvise");
  for (size_t at = 0; at < resident; at += page) begin[at] = 1;
}

static void imitate_all(const char *path) {
  FILE *mappings = fopen(path, "r");
  if (mappings == NULL) die(path);
  size_t size, resident, huge;
  while (fscanf(mappings, "%zu %zu %zu", &size, &resident, &huge) == 3)
    imitate(size << 10, resident << 10, huge << 10);
  fclose(mappings);
}

static int64_t fork_once(void) {
  int fds[2];
  int64_t ran_ns;
  if (pipe(fds) < 0) die("pipe");
  int64_t begin_ns = now_ns();
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    ran_ns = now_ns();
    _exit(write(fds[1], &ran_ns, sizeof ran_ns) == sizeof ran_ns ? 0 : 1);
  }
  if (read(fds[0], &ran_ns, sizeof ran_ns) != sizeof ran_ns) die("read");
  if (waitpid(child, NULL, 0) < 0) die("waitpid");
  close(fds[0]);
  close(fds[1]);
  return ran_ns - begin_ns;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: bare_fork MAPPINGS\n");
    return 2;
  }
  imitate_all(argv[1]);
  printf("ready\n");
  fflush(stdout);
  char line[16];
  while (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "fork\n") == 0) {
    printf("%lld\n", (long long)fork_once());
    fflush(stdout);
  }
  return 0;
}
