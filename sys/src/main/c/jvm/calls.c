/*
 * What is called by JNI and not through java.lang.foreign.
 *
 * JNI does not ask for access (addOpens), and a native method is one frame: the path handle of a foreign call is a
 * dozen, each of which a child would have to map and link again before its first line of Java (fork).
 */
#include <jni.h>

#include "tine.h"

/* dev.tine.sys.Opens.addOpens: Module.implAddOpens(package, to), which --add-opens calls as well. An exception,
   NoSuchMethodError above all, is left pending and thrown in Java. */
JNIEXPORT void JNICALL Java_dev_tine_sys_Opens_addOpens(JNIEnv *env, jclass self, jobject from, jstring package,
                                                        jobject to);

/* dev.tine.sys.ForkCall.fork(request, entropy): tine_fork(); in a child, entropy is filled with random numbers. */
JNIEXPORT jint JNICALL Java_dev_tine_sys_ForkCall_fork(JNIEnv *env, jclass self, jlong request, jlongArray entropy);

JNIEXPORT void JNICALL Java_dev_tine_sys_Opens_addOpens(JNIEnv *env, jclass self, jobject from, jstring package,
                                                        jobject to) {
  (void)self;
  jclass module = (*env)->GetObjectClass(env, from);
  jmethodID add = (*env)->GetMethodID(env, module, "implAddOpens", "(Ljava/lang/String;Ljava/lang/Module;)V");
  if (add != NULL) (*env)->CallVoidMethod(env, from, add, package, to);
}

JNIEXPORT jint JNICALL Java_dev_tine_sys_ForkCall_fork(JNIEnv *env, jclass self, jlong request, jlongArray entropy) {
  (void)self;
  int pid = tine_fork((const struct tine_fork_request *)(uintptr_t)request);
  if (pid == 0) {
    jlong numbers[TINE_ENTROPY];
    int error = tine_random(numbers, sizeof numbers);
    if (error < 0) return error; /* never: it neither waits nor fails once the system is up */
    (*env)->SetLongArrayRegion(env, entropy, 0, TINE_ENTROPY, numbers);
  }
  return pid;
}
