/*
 * Finds out that the process is a JVM, and tells the monitor.
 *
 * The library is loaded into everything on the way to the JVM, shells and env(1) too, and must be nothing there but
 * passed on. A JVM gives itself away by its first thread: libjvm.so is loaded then, and no Java code has run. So what it
 * runs later never sees the library: the JDK copies the environment for its children when it first needs it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/run.h"

/* LINK_FD,CONTROL_FD,MONITOR_PID,GUEST_JAR */
#define VARIABLE "TINE_RUN"
#define PRELOAD "LD_PRELOAD"
#define TITLE "TINE_TITLE"

typedef int create_function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

static struct tine__run run;
static char guest_jar[4096];
static int monitor_pid;

enum state { ASLEEP, WAITING, BEGUN };
static _Atomic int state;

const struct tine__run *tine__run(void) { return atomic_load(&state) == BEGUN ? &run : NULL; }

__attribute__((constructor)) static void read_variable(void) {
  const char *value = getenv(VARIABLE);
  if (value == NULL) return;
  if (sscanf(value, "%d,%d,%d,%4095[^\n]", &run.link_fd, &run.control_fd, &monitor_pid, guest_jar) != 4) return;
  run.guest_jar = guest_jar;
  run.is_program = getppid() == monitor_pid;
  atomic_store(&state, WAITING);
}

/* Takes this library out of LD_PRELOAD, and leaves what else is in it. */
static void hide(void) {
  unsetenv(VARIABLE);
  unsetenv(TITLE); /* its bytes stay where they are, for title.c */
  Dl_info self;
  const char *value = getenv(PRELOAD);
  if (value == NULL || dladdr((void *)(uintptr_t)hide, &self) == 0 || self.dli_fname == NULL) return;
  char *rest = calloc(1, strlen(value) + 1), *copy = strdup(value), *save = NULL;
  if (rest == NULL || copy == NULL) goto end; /* it stays: children are slower, and not wrong */
  for (char *name = strtok_r(copy, ": ", &save); name != NULL; name = strtok_r(NULL, ": ", &save)) {
    if (strcmp(name, self.dli_fname) == 0) continue;
    if (*rest != 0) strcat(rest, ":");
    strcat(rest, name);
  }
  if (*rest != 0)
    setenv(PRELOAD, rest, 1);
  else
    unsetenv(PRELOAD);
end:
  free(copy);
  free(rest);
}

static void begin(void *libjvm) {
  hide();
  fcntl(run.link_fd, F_SETFD, FD_CLOEXEC);
  fcntl(run.control_fd, F_SETFD, FD_CLOEXEC);
  struct tine_message hello = {.type = TINE_MESSAGE_HELLO, .number = getpid()};
  if (dlsym(libjvm, "gHotSpotVMStructs") != NULL) hello.flags |= TINE_HELLO_HOTSPOT;
  if (tine_message_send(run.link_fd, &hello, -1) == 0 && run.is_program) tine__control_start();
}

/* Where the environment or the descriptors were closed on the way, the monitor hears nothing, and says so. */
static void look_for_jvm(void) {
  void *libjvm = dlopen("libjvm.so", RTLD_LAZY | RTLD_NOLOAD);
  if (libjvm == NULL) return;
  int waiting = WAITING;
  /* Once, and before the control thread is made: its pthread_create comes through here as well. */
  if (atomic_compare_exchange_strong(&state, &waiting, BEGUN)) begin(libjvm);
  dlclose(libjvm);
}

static create_function *real_create(void) {
  static create_function *_Atomic real;
  create_function *found = atomic_load(&real);
  if (found == NULL) {
    found = (create_function *)(uintptr_t)dlsym(RTLD_NEXT, "pthread_create");
    atomic_store(&real, found);
  }
  return found;
}

int tine__create_thread(void *(*start)(void *), void *argument) {
  pthread_attr_t attributes;
  pthread_t thread;
  int error = pthread_attr_init(&attributes);
  if (error != 0) return -error;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  error = real_create()(&thread, &attributes, start, argument);
  pthread_attr_destroy(&attributes);
  return -error;
}

TINE_API int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  if (atomic_load(&state) == WAITING) look_for_jvm();
  create_function *real = real_create();
  return real == NULL ? EAGAIN : real(thread, attributes, start, argument);
}
