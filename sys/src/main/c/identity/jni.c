#include "identity/identity.h"
#include "jvm/natives.h"

jint JNICALL tine__jvm_identity_find(JNIEnv *env, jclass self) {
  (void)self;
  return tine__identity_find(env);
}

void JNICALL tine__jvm_identity_detach(JNIEnv *env, jclass self, jintArray fds) {
  (void)self;
  jint *numbers = (*env)->GetIntArrayElements(env, fds, NULL);
  if (numbers == NULL) return; /* OutOfMemoryError is pending */
  tine__detached_set(numbers, (*env)->GetArrayLength(env, fds));
  (*env)->ReleaseIntArrayElements(env, fds, numbers, JNI_ABORT);
}
