/*
 * Suspending the program's Java threads around a fork, by JVMTI.
 *
 * A thread that is suspended stands where the collector can run, so that a child may allocate while it repairs itself;
 * one that a signal has stopped may stand anywhere and would hold up every collection. Threads in native code go on there,
 * and stop where they return to Java: locks of libc are never held for long.
 *
 * All functions but the two events are called by the thread that forks, one at a time.
 */
#include "jvm/jvmti.h"
#include "jvm/natives.h"

#include <stdlib.h>
#include <string.h>

#include "child/settle.h"
#include "raw.h"

/* 1 between begin() and end(): a thread that starts waits. */
static _Atomic int32_t closed;

static _Atomic int32_t done;

typedef jvmtiError(JNICALL *list_function)(jvmtiEnv *, jint, const jthread *, jvmtiError *);

static jvmtiError of_list(JNIEnv *env, list_function call, jobjectArray threads, jint count, jintArray errors) {
  if ((*env)->PushLocalFrame(env, count + 1) != 0) return JVMTI_ERROR_OUT_OF_MEMORY;
  jthread *list = malloc(((size_t)count + 1) * sizeof *list);
  jvmtiError *results = calloc((size_t)count + 1, sizeof *results);
  jvmtiError error = list == NULL || results == NULL ? JVMTI_ERROR_OUT_OF_MEMORY : JVMTI_ERROR_NONE;
  if (error == JVMTI_ERROR_NONE) {
    for (jint i = 0; i < count; i++) list[i] = (*env)->GetObjectArrayElement(env, threads, i);
    error = call(tine__jvmti, count, list, results);
  }
  if (error == JVMTI_ERROR_NONE) (*env)->SetIntArrayRegion(env, errors, 0, count, (const jint *)results);
  free(results);
  free(list);
  (*env)->PopLocalFrame(env, NULL);
  return error;
}

/* Threads that Tine and the VM need while the others stand still. */
static int is_needed(jthread thread) {
  jvmtiThreadInfo info = {0};
  if ((*tine__jvmti)->GetThreadInfo(tine__jvmti, thread, &info) != JVMTI_ERROR_NONE) return 0;
  int needed = strcmp(info.name, "tine-renewer") == 0;
  (*tine__jvmti)->Deallocate(tine__jvmti, (unsigned char *)info.name);
  return needed;
}

/*
 * On the new thread, before it runs any Java; in native code, so that it holds up no collection. A thread that Java
 * starts is found by the listing of threads as well; one that native code attaches is not if it comes after the listing,
 * and would run in the child before the repairs are made.
 */
void JNICALL tine__thread_starts(jvmtiEnv *jvmti, JNIEnv *env, jthread thread) {
  (void)jvmti;
  (void)env;
  if (atomic_load(&closed) == 0 || is_needed(thread)) return;
  while (atomic_load(&closed) != 0) tine__futex_wait(&closed, 1, -1);
}

static jvmtiError can_suspend(int wanted) {
  jvmtiCapabilities capability;
  memset(&capability, 0, sizeof capability);
  capability.can_suspend = 1;
  return wanted ? (*tine__jvmti)->AddCapabilities(tine__jvmti, &capability)
                : (*tine__jvmti)->RelinquishCapabilities(tine__jvmti, &capability);
}

jint JNICALL tine__jvmti_begin(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  jvmtiError error = can_suspend(1);
  if (error != JVMTI_ERROR_NONE) return (jint)error;
  atomic_store(&closed, 1); /* before the event: a thread that posts it must find the gate closed */
  error = (*tine__jvmti)->SetEventNotificationMode(tine__jvmti, JVMTI_ENABLE, JVMTI_EVENT_THREAD_START, NULL);
  if (error != JVMTI_ERROR_NONE) tine__jvmti_end(env, self);
  return (jint)error;
}

void JNICALL tine__jvmti_end(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  (*tine__jvmti)->SetEventNotificationMode(tine__jvmti, JVMTI_DISABLE, JVMTI_EVENT_THREAD_START, NULL);
  atomic_store(&closed, 0);
  tine__futex_wake(&closed, INT32_MAX);
  can_suspend(0); /* a debugger may want it */
}

jint JNICALL tine__jvmti_suspend(JNIEnv *env, jclass self, jobjectArray threads, jint count, jintArray errors) {
  (void)self;
  return (jint)of_list(env, (*tine__jvmti)->SuspendThreadList, threads, count, errors);
}

jint JNICALL tine__jvmti_resume(JNIEnv *env, jclass self, jobjectArray threads, jint count, jintArray errors) {
  (void)self;
  return (jint)of_list(env, (*tine__jvmti)->ResumeThreadList, threads, count, errors);
}

jint JNICALL tine__jvmti_suspend_virtual(JNIEnv *env, jclass self, jobject except) {
  (void)env;
  (void)self;
  if (!tine__virtual_threads) return JVMTI_ERROR_NONE;
  return (jint)(*tine__jvmti)->SuspendAllVirtualThreads(tine__jvmti, except != NULL, &except);
}

jint JNICALL tine__jvmti_resume_virtual(JNIEnv *env, jclass self, jobject except) {
  (void)env;
  (void)self;
  if (!tine__virtual_threads) return JVMTI_ERROR_NONE;
  return (jint)(*tine__jvmti)->ResumeAllVirtualThreads(tine__jvmti, except != NULL, &except);
}

void JNICALL tine__jvmti_collect(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  (*tine__jvmti)->ForceGarbageCollection(tine__jvmti);
}

void JNICALL tine__jvmti_pause(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  raw0(SYS_sched_yield);
}

jboolean JNICALL tine__jvmti_await(JNIEnv *env, jclass self, jint millis) {
  (void)env;
  (void)self;
  tine__child_hurry(); /* whom this thread waits for may be parked yet */
  int64_t deadline = tine__now_ns() + millis * (int64_t)1000000, left;
  while (atomic_load(&done) == 0 && (left = deadline - tine__now_ns()) > 0) tine__futex_wait(&done, 0, left);
  return atomic_exchange(&done, 0) != 0;
}

void JNICALL tine__jvmti_done(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  atomic_store(&done, 1);
  tine__futex_wake(&done, 1);
}
