/*
 * bare_spawn - the peer of the subprocess libraries: a C process with one thread and posix_spawn(3).
 *
 * For each line on standard input it does what the line says, and prints what it measured, in one line:
 *
 *   spawn N K P    N programs /bin/true, K at a time, with P pipes each (0 or 3): "nanoseconds microseconds", of the clock
 *                  and of the processor, in this process alone
 *   latency N FILE N programs that end by themselves, one at a time: for each the nanoseconds from its last act until its
 *                  end is known here
 *   cat N M        N programs cat, each of which echoes M MB, with one epoll(7) set: "nanoseconds microseconds"
 *
 * bare_spawn touch M   the same, with M MB of memory that were written to
 * bare_spawn end FILE  is the program of "latency": sleeps a moment, writes the time to FILE and ends
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 65536
#define CATS_MAX 1000

extern char **environ;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t processor_us(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

/* A program and this process's ends of its pipes. */
struct program {
  pid_t pid;
  int fds[3];
  int64_t left; /* of cat: bytes to write */
};

static void start(struct program *program, char *const arguments[], int pipes) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  int theirs[3];
  for (int i = 0; i < pipes; i++) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) die("pipe2");
    program->fds[i] = ends[i == 0];
    theirs[i] = ends[i != 0];
    if (fcntl(program->fds[i], F_SETFL, O_NONBLOCK) < 0) die("fcntl");
    posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
  }
  int error = posix_spawn(&program->pid, arguments[0], &actions, NULL, arguments, environ);
  if (error != 0) {
    errno = error;
    die("posix_spawn");
  }
  posix_spawn_file_actions_destroy(&actions);
  for (int i = 0; i < pipes; i++) close(theirs[i]);
}

static void spawn(int count, int in_flight, int pipes) {
  char *const arguments[] = {"/bin/true", NULL};
  struct program *programs = calloc((size_t)in_flight, sizeof *programs);
  if (programs == NULL) die("calloc");
  int64_t begin_ns = now_ns(), begin_us = processor_us();
  int started = 0;
  for (; started < in_flight && started < count; started++) start(&programs[started], arguments, pipes);
  for (int ended = 0; ended < count; ended++) {
    pid_t pid = waitpid(-1, NULL, 0);
    if (pid < 0) die("waitpid");
    int i = 0;
    while (programs[i].pid != pid) i++;
    for (int n = 0; n < pipes; n++) close(programs[i].fds[n]);
    programs[i].pid = 0;
    if (started < count) {
      start(&programs[i], arguments, pipes);
      started++;
    }
  }
  printf("%lld %lld\n", (long long)(now_ns() - begin_ns), (long long)(processor_us() - begin_us));
  free(programs);
}

static void end(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  int64_t *stamp = mmap(NULL, sizeof *stamp, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fd < 0 || stamp == MAP_FAILED) die(path);
  struct timespec moment = {0, 2000000}; /* who started it is to wait by now */
  nanosleep(&moment, NULL);
  *stamp = now_ns();
  _exit(0);
}

static void latency(int count, const char *self, const char *path) {
  char *const arguments[] = {(char *)self, "end", (char *)path, NULL};
  for (int i = 0; i < count; i++) {
    struct program program;
    start(&program, arguments, 0);
    waitpid(program.pid, NULL, 0);
    int64_t heard_ns = now_ns(), stamp = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, &stamp, sizeof stamp) != sizeof stamp) die(path);
    close(fd);
    printf("%lld ", (long long)(heard_ns - stamp));
  }
  printf("\n");
}

static void wait_for(int poller, int operation, int fd, uint32_t events, uint64_t key) {
  struct epoll_event event = {.events = events, .data.u64 = key};
  if (epoll_ctl(poller, operation, fd, &event) < 0) die("epoll_ctl");
}

static void cat(int count, int64_t megabytes) {
  static char chunk[CHUNK];
  static struct program programs[CATS_MAX];
  char *const arguments[] = {"/bin/cat", NULL};
  int poller = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < count; i++) {
    start(&programs[i], arguments, 2);
    programs[i].left = megabytes << 20;
  }
  int64_t begin_ns = now_ns(), begin_us = processor_us(), echoed = 0;
  for (int i = 0; i < count; i++) {
    wait_for(poller, EPOLL_CTL_ADD, programs[i].fds[0], EPOLLOUT, (uint64_t)i << 1);
    wait_for(poller, EPOLL_CTL_ADD, programs[i].fds[1], EPOLLIN, (uint64_t)i << 1 | 1);
  }
  for (int open = count; open > 0;) {
    struct epoll_event events[256];
    int heard = epoll_wait(poller, events, 256, -1);
    for (int n = 0; n < heard; n++) {
      struct program *program = &programs[events[n].data.u64 >> 1];
      if (events[n].data.u64 & 1) {
        ssize_t got = read(program->fds[1], chunk, CHUNK);
        if (got < 0 && errno != EAGAIN) die("read");
        if (got > 0) echoed += got;
        if (got == 0) {
          close(program->fds[1]);
          open--;
        }
      } else {
        ssize_t put = write(program->fds[0], chunk, program->left < CHUNK ? (size_t)program->left : CHUNK);
        if (put < 0 && errno != EAGAIN) die("write");
        if (put > 0) program->left -= put;
        if (program->left == 0) close(program->fds[0]);
      }
    }
  }
  int64_t end_ns = now_ns(), end_us = processor_us();
  for (int i = 0; i < count; i++) waitpid(programs[i].pid, NULL, 0);
  close(poller);
  if (echoed != (int64_t)count * (megabytes << 20)) {
    fprintf(stderr, "bare_spawn: %lld bytes came back\n", (long long)echoed);
    exit(1);
  }
  printf("%lld %lld\n", (long long)(end_ns - begin_ns), (long long)(end_us - begin_us));
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "end") == 0) end(argv[2]);
  if (argc == 3 && strcmp(argv[1], "touch") == 0) {
    size_t size = (size_t)atol(argv[2]) << 20;
    char *memory = malloc(size);
    if (memory == NULL) die("malloc");
    for (size_t at = 0; at < size; at += 4096) memory[at] = 1;
  }
  printf("ready\n");
  fflush(stdout);
  char line[4096], path[4096];
  int a, b, c;
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "spawn %d %d %d", &a, &b, &c) == 3) spawn(a, b, c);
    if (sscanf(line, "latency %d %4095s", &a, path) == 2) latency(a, argv[0], path);
    if (sscanf(line, "cat %d %d", &a, &b) == 2 && a <= CATS_MAX) cat(a, b);
    fflush(stdout);
  }
  return 0;
}
