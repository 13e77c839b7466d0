/*
 * What is called by JNI and not through java.lang.foreign.
 *
 * JNI does not ask for access (addOpens), and a native method is one frame: the path handle of a foreign call is a
 * dozen, each of which a child would have to map and link again before its first line of Java (fork).
 */
#include <jni.h>

#include "fault.h"
#include "tine.h"

/* dev.tine.sys.Opens.addOpens: Module.implAddOpens(package, to), which --add-opens calls as well. An exception,
   NoSuchMethodError above all, is left pending and thrown in Java. */
JNIEXPORT void JNICALL Java_dev_tine_sys_Opens_addOpens(JNIEnv *env, jclass self, jobject from, jstring package,
                                                        jobject to);

/* dev.tine.sys.ForkCall.fork(request, entropy): tine_fork(); in a child, entropy is filled with random numbers. */
JNIEXPORT jint JNICALL Java_dev_tine_sys_ForkCall_fork(JNIEnv *env, jclass self, jlong request, jlongArray entropy);

/* dev.tine.sys.ForkCall.repaired(), unrepaired(error, what), awaitRepairs(): tine_repaired() and so on. */
JNIEXPORT void JNICALL Java_dev_tine_sys_ForkCall_repaired(JNIEnv *env, jclass self);
JNIEXPORT void JNICALL Java_dev_tine_sys_ForkCall_unrepaired(JNIEnv *env, jclass self, jint error, jbyteArray what);
JNIEXPORT jint JNICALL Java_dev_tine_sys_ForkCall_awaitRepairs(JNIEnv *env, jclass self);

/* dev.tine.sys.ForkCall.repairFault(repair): 0, or the -errno that a test wants this repair to fail with. */
JNIEXPORT jint JNICALL Java_dev_tine_sys_ForkCall_repairFault(JNIEnv *env, jclass self, jint repair);

/* dev.tine.sys.Entropy.fill(bytes): random numbers of the kernel's in all of an array. */
JNIEXPORT jint JNICALL Java_dev_tine_sys_Entropy_fill(JNIEnv *env, jclass self, jbyteArray bytes);

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
    if (error < 0) tine_unrepaired(-error, "random numbers"); /* never: it neither waits nor fails once the system is up */
    (*env)->SetLongArrayRegion(env, entropy, 0, TINE_ENTROPY, numbers);
  }
  return pid;
}

JNIEXPORT void JNICALL Java_dev_tine_sys_ForkCall_repaired(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  tine_repaired();
}

JNIEXPORT void JNICALL Java_dev_tine_sys_ForkCall_unrepaired(JNIEnv *env, jclass self, jint error, jbyteArray what) {
  (void)self;
  char text[TINE_WHAT_MAX] = {0};
  jint length = (*env)->GetArrayLength(env, what);
  (*env)->GetByteArrayRegion(env, what, 0, length < TINE_WHAT_MAX ? length : TINE_WHAT_MAX - 1, (jbyte *)text);
  tine_unrepaired(error, text);
}

JNIEXPORT jint JNICALL Java_dev_tine_sys_ForkCall_awaitRepairs(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  return tine_await_repairs();
}

JNIEXPORT jint JNICALL Java_dev_tine_sys_ForkCall_repairFault(JNIEnv *env, jclass self, jint repair) {
  (void)env;
  (void)self;
  (void)repair; /* unused in a release build */
  return tine__fault(TINE_FAULT_REPAIR + repair);
}

JNIEXPORT jint JNICALL Java_dev_tine_sys_Entropy_fill(JNIEnv *env, jclass self, jbyteArray bytes) {
  (void)self;
  jbyte random[256]; /* the most that is never cut */
  jint length = (*env)->GetArrayLength(env, bytes);
  for (jint at = 0; at < length; at += (jint)sizeof random) {
    jint part = length - at < (jint)sizeof random ? length - at : (jint)sizeof random;
    int error = tine_random(random, part);
    if (error < 0) return error;
    (*env)->SetByteArrayRegion(env, bytes, at, part, random);
  }
  return 0;
}
