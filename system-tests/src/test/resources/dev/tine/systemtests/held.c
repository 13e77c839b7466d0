/*
 * A thread that cannot be parked as long as the others are: it waits for a helper, and the helper is parked.
 *
 *   held    blocks all signals, or is in vfork(2), until the helper lets it go
 *   helper  lets it go when it has been interrupted, by the park signal, as often as it was told
 *
 * glibc's own code does the first: a thread that starts or ends another has all signals blocked, and may wait for a lock.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_t held, helper;
static sem_t ready, freed, over;
static int in_vfork, wanted;
static int let_go[2];  /* pipe: ends the vfork */
static int stop;       /* eventfd: the helper is to wait no longer */
static _Atomic int interruptions;

static void wait_for(sem_t *semaphore) {
  while (sem_wait(semaphore) < 0 && errno == EINTR) {
  }
}

/* Its thread stands in the kernel until the child has ended. */
static void hold_by_vfork(void) {
  sem_post(&ready);
  pid_t child = vfork();
  if (child == 0) {
    char byte;
    ssize_t n;
    do n = read(let_go[0], &byte, 1);
    while (n < 0 && errno == EINTR);
    _exit(0);
  }
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
  }
}

static void hold_by_mask(void) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  sem_post(&ready);
  wait_for(&freed);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void *be_held(void *ignored) {
  if (in_vfork)
    hold_by_vfork();
  else
    hold_by_mask();
  wait_for(&over);
  return ignored;
}

static void *help(void *ignored) {
  struct pollfd stopped = {.fd = stop, .events = POLLIN};
  int n = 0;
  /* poll with a timeout is one of the calls that end with EINTR at a fork. */
  while (interruptions < wanted && (n = poll(&stopped, 1, 600000)) < 0 && errno == EINTR) interruptions++;
  if (in_vfork)
    while (write(let_go[1], "", 1) < 0 && errno == EINTR) {
    }
  else
    sem_post(&freed);
  wait_for(&over);
  return ignored;
}

/* Starts both threads; returns when the first cannot be parked any more, or is about to enter vfork(2). */
int held_begin(int by_vfork, int until) {
  in_vfork = by_vfork;
  wanted = until;
  interruptions = 0;
  sem_init(&ready, 0, 0);
  sem_init(&freed, 0, 0);
  sem_init(&over, 0, 0);
  if (pipe(let_go) < 0 || (stop = eventfd(0, 0)) < 0) return -errno;
  if (pthread_create(&held, NULL, be_held, NULL) != 0 || pthread_create(&helper, NULL, help, NULL) != 0) return -EAGAIN;
  pthread_setname_np(held, "held");
  pthread_setname_np(helper, "helper");
  wait_for(&ready);
  return 0;
}

/* How often the helper has been interrupted. */
int held_interruptions(void) { return interruptions; }

/* Ends both threads, in a parent or in a child. */
int held_end(void) {
  uint64_t one = 1;
  if (write(stop, &one, sizeof one) < 0) return -errno;
  sem_post(&over);
  sem_post(&over);
  int error = pthread_join(held, NULL) + pthread_join(helper, NULL);
  close(stop);
  close(let_go[0]);
  close(let_go[1]);
  return -error;
}
