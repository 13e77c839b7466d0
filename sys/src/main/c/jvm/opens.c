/* What only JNI can do in a JVM that has been started without options for it. */
#include <jni.h>

/*
 * dev.tine.sys.Opens.addOpens: Module.implAddOpens(package, to), which --add-opens calls as well. JNI does not ask for
 * access. An exception, NoSuchMethodError above all, is left pending and thrown in Java.
 */
JNIEXPORT void JNICALL Java_dev_tine_sys_Opens_addOpens(JNIEnv *env, jclass self, jobject from, jstring package,
                                                        jobject to);

JNIEXPORT void JNICALL Java_dev_tine_sys_Opens_addOpens(JNIEnv *env, jclass self, jobject from, jstring package,
                                                        jobject to) {
  (void)self;
  jclass module = (*env)->GetObjectClass(env, from);
  jmethodID add = (*env)->GetMethodID(env, module, "implAddOpens", "(Ljava/lang/String;Ljava/lang/Module;)V");
  if (add != NULL) (*env)->CallVoidMethod(env, from, add, package, to);
}
