/*
 * What is called by JNI and not through java.lang.foreign, which older JDKs do not have.
 *
 * And JNI does not ask for access (addOpens), and a native method is one frame: the path handle of a foreign call is a
 * dozen, each of which a child would have to map and link again before its first line of Java (fork).
 */
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "jvm/natives.h"
#include "raw.h"
#include "text.h"
#include "tine.h"

void JNICALL tine__jvm_add_opens(JNIEnv *env, jclass self, jobject from, jstring package, jobject to) {
  (void)self;
  jclass module = (*env)->GetObjectClass(env, from);
  jmethodID add = (*env)->GetMethodID(env, module, "implAddOpens", "(Ljava/lang/String;Ljava/lang/Module;)V");
  if (add != NULL) (*env)->CallVoidMethod(env, from, add, package, to);
}

jint JNICALL tine__jvm_fork(JNIEnv *env, jclass self, jlong request, jlongArray entropy) {
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

void JNICALL tine__jvm_repaired(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  tine_repaired();
}

void JNICALL tine__jvm_unrepaired(JNIEnv *env, jclass self, jint error, jbyteArray what) {
  (void)self;
  char text[TINE_WHAT_MAX] = {0};
  jint length = (*env)->GetArrayLength(env, what);
  (*env)->GetByteArrayRegion(env, what, 0, length < TINE_WHAT_MAX ? length : TINE_WHAT_MAX - 1, (jbyte *)text);
  tine_unrepaired(error, text);
}

jint JNICALL tine__jvm_await_repairs(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  return tine_await_repairs();
}

jint JNICALL tine__jvm_repair_fault(JNIEnv *env, jclass self, jint repair) {
  (void)env;
  (void)self;
  (void)repair; /* unused in a release build */
  return tine__fault(TINE_FAULT_REPAIR + repair);
}

jint JNICALL tine__jvm_random(JNIEnv *env, jclass self, jbyteArray bytes) {
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

jint JNICALL tine__jvm_pid(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  return tine_getpid();
}

jlong JNICALL tine__jvm_start_millis(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  char text[1024];
  if (tine__read_file("/proc/self/stat", text, sizeof text) <= 0) return 0;
  const char *at = strrchr(text, ')'); /* behind the name, which may contain anything, comes the 3rd field */
  for (int field = 2; at != NULL && field < 22; field++) at = strchr(at + 1, ' ');
  return at == NULL ? 0 : (jlong)(tine__number(at, 10, NULL) * 1000 / (uint64_t)sysconf(_SC_CLK_TCK));
}

jstring JNICALL tine__jvm_error_text(JNIEnv *env, jclass self, jint error) {
  (void)self;
  char text[256];
  tine_error_text(error, text, sizeof text);
  return (*env)->NewStringUTF(env, text);
}

void JNICALL tine__jvm_probe(JNIEnv *env, jclass self, jintArray numbers) {
  (void)self;
  struct tine_probe probe;
  tine_probe(&probe);
  const jint values[] = {probe.tid_address, probe.pidfd, probe.leader, probe.loader_locks};
  (*env)->SetIntArrayRegion(env, numbers, 0, sizeof values / sizeof *values, values);
}
