/*
 * The thread ids that HotSpot remembers: jstack prints them (nid), and /proc/self/task/TID/stat is read by them for the
 * processor time of a thread.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>

#include "identity/identity.h"
#include "identity/parts.h"
#include "raw.h"

/* Larger than any JavaThread; its JNIEnv lies inside it. */
#define JAVA_THREAD_MAX 16384

static size_t module;          /* of HotSpot's thread-local storage; 0: not found */
static size_t current_at;      /* in it: the Thread* of the thread */
static intptr_t osthread_at;   /* in Thread: its OSThread* */
static intptr_t tid_at;        /* in OSThread */
static intptr_t pthread_at;    /* in OSThread */

static char *pointer_at(const char *place) { return *(char *const *)place; }

/* The id field of a Thread, if both of its names are those of the thread that it is found by. */
static int32_t *tid_of(const char *thread, uintptr_t pthread, int32_t tid) {
  char *osthread = pointer_at(thread + osthread_at);
  if (osthread == NULL || *(uintptr_t *)(osthread + pthread_at) != pthread) return NULL;
  int32_t *place = (int32_t *)(osthread + tid_at);
  return *place == tid ? place : NULL;
}

int tine__osthread_find(const struct tine__vm *vm, JNIEnv *env) {
  osthread_at = tine__vm_field(vm, "Thread", "_osthread");
  if (osthread_at < 0) osthread_at = tine__vm_field(vm, "JavaThread", "_osthread"); /* JDK 17: the same field */
  tid_at = tine__vm_field(vm, "OSThread", "_thread_id");
  pthread_at = tine__vm_field(vm, "OSThread", "_pthread_id");
  if (osthread_at < 0 || tid_at < 0 || pthread_at < 0 || vm->tls == NULL) return -ENOSYS;
  uintptr_t self = (uintptr_t)pthread_self();
  /* What every other thread's storage is found by must lead to this thread's own. */
  if (tine__tls_of(self, vm->tls_module) != vm->tls) return -ENOSYS;
  int32_t tid = (int32_t)raw0(SYS_gettid);
  for (size_t at = 0; at + sizeof(char *) <= vm->tls_size; at += sizeof(char *)) {
    const char *candidate = pointer_at(vm->tls + at);
    if (candidate >= (char *)env || (char *)env - candidate > JAVA_THREAD_MAX) continue;
    if (tid_of(candidate, self, tid) == NULL) continue;
    current_at = at;
    module = vm->tls_module;
    return 0;
  }
  return -ENOSYS;
}

int32_t *tine__identity_tid(const struct tine__thread *thread) {
  if (module == 0 || thread->tid_address == NULL) return NULL; /* NULL: not made by glibc, its storage is unknown */
  const char *tls = tine__tls_of(thread->bases.tls, module);
  if (tls == NULL) return NULL; /* never used: a thread that HotSpot has not seen */
  const char *current = pointer_at(tls + current_at);
  return current == NULL ? NULL : tid_of(current, thread->bases.tls, thread->tid);
}
