#include <jni.h>

#include "identity/identity.h"

/* dev.tine.sys.Identity.find(): tine__identity_find(). */
JNIEXPORT jint JNICALL Java_dev_tine_sys_Identity_find(JNIEnv *env, jclass self);

JNIEXPORT jint JNICALL Java_dev_tine_sys_Identity_find(JNIEnv *env, jclass self) {
  (void)self;
  return tine__identity_find(env);
}
