/*
 * The JVMTI environment of Tine, taken from the running VM: no agent is loaded, and nothing is printed.
 */
#ifndef TINE_JVMTI_H
#define TINE_JVMTI_H

#include <jni.h>
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes" /* it has "void *reserved1 ();" */
#include <jvmti.h>
#pragma GCC diagnostic pop

/* NULL until Jvmti.open() has succeeded. */
extern jvmtiEnv *tine__jvmti;

/* Whether this VM has virtual threads; if not, its table has no functions for them. */
extern int tine__virtual_threads;

/* Event: a thread was started (threads.c). */
void JNICALL tine__thread_starts(jvmtiEnv *jvmti, JNIEnv *env, jthread thread);

/* Event: there is a compiled method (compiled.c). */
void JNICALL tine__compiled_method(jvmtiEnv *jvmti, jmethodID method, jint size, const void *code, jint count,
                                   const jvmtiAddrLocationMap *map, const void *inlined);

#endif
