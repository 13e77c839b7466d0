#include "jvm/natives.h"

/* dev.tine.sys.Natives.bind(neighbour): tine__natives_bind(). */
JNIEXPORT void JNICALL Java_dev_tine_sys_Natives_bind(JNIEnv *env, jclass self, jclass neighbour);

enum { METHODS = 20 };

/* As many entries as there are names. */
static const struct methods {
  const char *type;
  JNINativeMethod methods[METHODS];
} table[] = {
    {"dev.tine.repair.Opens", {{"addOpens", "(Ljava/lang/Module;Ljava/lang/String;Ljava/lang/Module;)V", tine__jvm_add_opens}}},
    {"dev.tine.repair.NativeFork",
     {{"fork", "(J[J)I", tine__jvm_fork},
      {"repaired", "()V", tine__jvm_repaired},
      {"unrepaired", "(I[B)V", tine__jvm_unrepaired},
      {"awaitRepairs", "()I", tine__jvm_await_repairs},
      {"repairFault", "(I)I", tine__jvm_repair_fault}}},
    {"dev.tine.repair.Entropy", {{"fill", "([B)I", tine__jvm_random}}},
    {"dev.tine.repair.Kernel",
     {{"pid", "()I", tine__jvm_pid},
      {"startMillis", "()J", tine__jvm_start_millis},
      {"errorText", "(I)Ljava/lang/String;", tine__jvm_error_text},
      {"probe", "([I)V", tine__jvm_probe}}},
    {"dev.tine.repair.Identity",
     {{"find", "()I", tine__jvm_identity_find}, {"detach", "([I)V", tine__jvm_identity_detach}}},
    {"dev.tine.repair.Jvmti",
     {{"open", "([Ljava/lang/Class;)I", tine__jvmti_open},
      {"newClasses", "()I", tine__jvmti_new_classes},
      {"begin", "()I", tine__jvmti_begin},
      {"end", "()V", tine__jvmti_end},
      {"suspend", "([Ljava/lang/Thread;I[I)I", tine__jvmti_suspend},
      {"resume", "([Ljava/lang/Thread;I[I)I", tine__jvmti_resume},
      {"suspendVirtual", "(Ljava/lang/Thread;)I", tine__jvmti_suspend_virtual},
      {"resumeVirtual", "(Ljava/lang/Thread;)I", tine__jvmti_resume_virtual},
      {"owner", "(Ljava/lang/Object;)Ljava/lang/Thread;", tine__jvmti_owner},
      {"inside", "([Ljava/lang/Thread;ILjava/lang/Class;Z)Ljava/lang/Thread;", tine__jvmti_inside},
      {"instances", "(Ljava/lang/Class;)[Ljava/lang/Object;", tine__jvmti_instances},
      {"subclasses", "(Ljava/lang/Class;)[Ljava/lang/Class;", tine__jvmti_subclasses},
      {"collect", "()V", tine__jvmti_collect},
      {"enterCompiled", "()V", tine__jvmti_enter_compiled},
      {"pause", "()V", tine__jvmti_pause},
      {"await", "(I)Z", tine__jvmti_await},
      {"done", "()V", tine__jvmti_done}}},
};

int tine__natives_bind(JNIEnv *env, jclass neighbour) {
  jclass class = (*env)->GetObjectClass(env, neighbour);
  jmethodID get_loader = (*env)->GetMethodID(env, class, "getClassLoader", "()Ljava/lang/ClassLoader;");
  jmethodID for_name = (*env)->GetStaticMethodID(env, class, "forName",
                                                 "(Ljava/lang/String;ZLjava/lang/ClassLoader;)Ljava/lang/Class;");
  if (get_loader == NULL || for_name == NULL) return JNI_ERR;
  jobject loader = (*env)->CallObjectMethod(env, neighbour, get_loader);
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    jstring name = (*env)->NewStringUTF(env, table[i].type);
    if (name == NULL) return JNI_ENOMEM;
    jclass type = (*env)->CallStaticObjectMethod(env, class, for_name, name, JNI_FALSE, loader);
    if ((*env)->ExceptionCheck(env)) return JNI_ERR;
    jint count = 0;
    while (count < METHODS && table[i].methods[count].name != NULL) count++;
    jint error = (*env)->RegisterNatives(env, type, table[i].methods, count);
    if (error != JNI_OK) return error;
    (*env)->DeleteLocalRef(env, name);
    (*env)->DeleteLocalRef(env, type);
  }
  return JNI_OK;
}

JNIEXPORT void JNICALL Java_dev_tine_sys_Natives_bind(JNIEnv *env, jclass self, jclass neighbour) {
  (void)self;
  tine__natives_bind(env, neighbour); /* an exception is thrown in Java */
}
