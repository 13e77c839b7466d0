#include <jni.h>

#include "identity/identity.h"

/* dev.tine.sys.Identity.find(): tine__identity_find(). */
JNIEXPORT jint JNICALL Java_dev_tine_sys_Identity_find(JNIEnv *env, jclass self);

/* dev.tine.sys.Identity.detach(fds): tine__detached_set(). */
JNIEXPORT void JNICALL Java_dev_tine_sys_Identity_detach(JNIEnv *env, jclass self, jintArray fds);

JNIEXPORT jint JNICALL Java_dev_tine_sys_Identity_find(JNIEnv *env, jclass self) {
  (void)self;
  return tine__identity_find(env);
}

JNIEXPORT void JNICALL Java_dev_tine_sys_Identity_detach(JNIEnv *env, jclass self, jintArray fds) {
  (void)self;
  jint *numbers = (*env)->GetIntArrayElements(env, fds, NULL);
  if (numbers == NULL) return; /* OutOfMemoryError is pending */
  tine__detached_set(numbers, (*env)->GetArrayLength(env, fds));
  (*env)->ReleaseIntArrayElements(env, fds, numbers, JNI_ABORT);
}
