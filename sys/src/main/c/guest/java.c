#include "guest/java.h"

#include <errno.h>
#include <jni.h>
#include <stdio.h>

#include "identity/vm.h"
#include "jvm/natives.h"

#define THREAD_NAME "tine-control"
#define GUEST "dev.tine.repair.Guest"

typedef jint(JNICALL *get_vms_function)(JavaVM **, jsize, jsize *);

/* Set once all of it is there. */
static struct {
  JavaVM *vm;
  jclass guest; /* a global reference, which keeps its loader too */
  jmethodID prepare, fork, beat;
} java;

static void say(char *reason, size_t size, const char *text) { snprintf(reason, size, "%s", text); }

/* The characters of a string, or an empty text. No exception is left. */
static void copy(JNIEnv *env, jstring string, char *text, size_t size) {
  const char *characters = string == NULL ? NULL : (*env)->GetStringUTFChars(env, string, NULL);
  say(text, size, characters == NULL ? "" : characters);
  if (characters != NULL) (*env)->ReleaseStringUTFChars(env, string, characters);
  (*env)->ExceptionClear(env);
}

/* Makes a text of the exception that is pending, if there is one, and clears it. Whether there was one. */
static int caught(JNIEnv *env, char *reason, size_t size) {
  jthrowable thrown = (*env)->ExceptionOccurred(env);
  if (thrown == NULL) return 0;
  (*env)->ExceptionClear(env); /* first: nothing can be called while it is pending */
  jclass type = (*env)->GetObjectClass(env, thrown);
  jmethodID to_string = (*env)->GetMethodID(env, type, "toString", "()Ljava/lang/String;");
  jstring text = to_string == NULL ? NULL : (*env)->CallObjectMethod(env, thrown, to_string);
  copy(env, (*env)->ExceptionCheck(env) ? NULL : text, reason, size);
  if (reason[0] == 0) say(reason, size, "the JVM threw an exception that cannot be described");
  return 1;
}

static int find_vm(JavaVM **vm, char *reason, size_t size) {
  struct tine__vm library;
  jsize count = 0;
  int error = tine__vm_find(&library);
  if (library.path == NULL) {
    say(reason, size, "the program has not loaded a JVM");
    return -ESRCH;
  }
  get_vms_function get_vms = (get_vms_function)(uintptr_t)tine__vm_symbol(&library, "JNI_GetCreatedJavaVMs");
  if (error < 0 || get_vms == NULL) {
    say(reason, size, "it is not HotSpot; use a JDK with HotSpot, such as every build of OpenJDK");
    return -ENOSYS;
  }
  if (get_vms(vm, 1, &count) == JNI_OK && count == 1) return 0;
  say(reason, size, "the JVM is not up yet");
  return -ESRCH;
}

/* The root of all thread groups, a global reference; NULL: not found, and no exception is left. */
static jobject system_group(JNIEnv *env) {
  jobject found = NULL;
  jclass thread = (*env)->FindClass(env, "java/lang/Thread"), group = (*env)->FindClass(env, "java/lang/ThreadGroup");
  if (thread != NULL && group != NULL) {
    jmethodID current = (*env)->GetStaticMethodID(env, thread, "currentThread", "()Ljava/lang/Thread;");
    jmethodID its_group = (*env)->GetMethodID(env, thread, "getThreadGroup", "()Ljava/lang/ThreadGroup;");
    jmethodID parent = (*env)->GetMethodID(env, group, "getParent", "()Ljava/lang/ThreadGroup;");
    jobject above = (*env)->CallObjectMethod(env, (*env)->CallStaticObjectMethod(env, thread, current), its_group);
    for (; above != NULL; above = (*env)->CallObjectMethod(env, above, parent)) found = above;
    found = (*env)->NewGlobalRef(env, found);
  }
  (*env)->ExceptionClear(env);
  return found;
}

/* Attaches this thread twice: only when it is attached can the group be found that it is to be in. */
static int attach(JavaVM *vm, JNIEnv **env, char *reason, size_t size) {
  JavaVMAttachArgs how = {.version = JNI_VERSION_9, .name = (char *)THREAD_NAME};
  jint error = (*vm)->AttachCurrentThreadAsDaemon(vm, (void **)env, &how);
  if (error == JNI_OK) {
    how.group = system_group(*env);
    (*vm)->DetachCurrentThread(vm);
    error = (*vm)->AttachCurrentThreadAsDaemon(vm, (void **)env, &how);
  }
  if (error == JNI_OK) {
    (*env)[0]->DeleteGlobalRef(*env, how.group);
    return 0;
  }
  snprintf(reason, size, "the JVM does not take another thread (JNI error %d)", error);
  return -EACCES;
}

/* A SecurityManager would be asked for all that the repairs do, and has never heard of them. */
static int is_secured(JNIEnv *env) {
  jclass system = (*env)->FindClass(env, "java/lang/System");
  jmethodID get = (*env)->GetStaticMethodID(env, system, "getSecurityManager", "()Ljava/lang/SecurityManager;");
  jobject manager = get == NULL ? NULL : (*env)->CallStaticObjectMethod(env, system, get);
  (*env)->ExceptionClear(env); /* newer JDKs have none */
  return manager != NULL;
}

/* new URLClassLoader({new File(jar).toURI().toURL()}, ClassLoader.getPlatformClassLoader()); NULL: an exception is pending. */
static jobject new_loader(JNIEnv *env, const char *jar) {
  jclass file = (*env)->FindClass(env, "java/io/File"), uri = (*env)->FindClass(env, "java/net/URI");
  jclass url = (*env)->FindClass(env, "java/net/URL"), loader = (*env)->FindClass(env, "java/net/URLClassLoader");
  jclass base = (*env)->FindClass(env, "java/lang/ClassLoader");
  jstring path = (*env)->NewStringUTF(env, jar);
  if (file == NULL || uri == NULL || url == NULL || loader == NULL || base == NULL || path == NULL) return NULL;
  jmethodID new_file = (*env)->GetMethodID(env, file, "<init>", "(Ljava/lang/String;)V");
  jmethodID to_uri = (*env)->GetMethodID(env, file, "toURI", "()Ljava/net/URI;");
  jmethodID to_url = (*env)->GetMethodID(env, uri, "toURL", "()Ljava/net/URL;");
  jmethodID new_loader = (*env)->GetMethodID(env, loader, "<init>", "([Ljava/net/URL;Ljava/lang/ClassLoader;)V");
  jmethodID platform = (*env)->GetStaticMethodID(env, base, "getPlatformClassLoader", "()Ljava/lang/ClassLoader;");
  if (new_file == NULL || to_uri == NULL || to_url == NULL || new_loader == NULL || platform == NULL) return NULL;
  jobject place = (*env)->NewObject(env, file, new_file, path);
  if (place != NULL) place = (*env)->CallObjectMethod(env, place, to_uri);
  if ((*env)->ExceptionCheck(env)) return NULL;
  if (place != NULL) place = (*env)->CallObjectMethod(env, place, to_url);
  if ((*env)->ExceptionCheck(env)) return NULL;
  jobjectArray urls = (*env)->NewObjectArray(env, 1, url, place);
  jobject parent = urls == NULL ? NULL : (*env)->CallStaticObjectMethod(env, base, platform);
  return parent == NULL ? NULL : (*env)->NewObject(env, loader, new_loader, urls, parent);
}

/* Loads Guest, and binds what is native beside it. An exception may be pending, and nothing is kept then. */
static void load(JNIEnv *env, const char *jar) {
  jobject loader = new_loader(env, jar);
  if (loader == NULL) return;
  jclass type = (*env)->GetObjectClass(env, loader);
  jmethodID load_class = (*env)->GetMethodID(env, type, "loadClass", "(Ljava/lang/String;)Ljava/lang/Class;");
  jstring name = (*env)->NewStringUTF(env, GUEST);
  if (load_class == NULL || name == NULL) return;
  jclass guest = (*env)->CallObjectMethod(env, loader, load_class, name);
  if ((*env)->ExceptionCheck(env) || tine__natives_bind(env, guest) != JNI_OK) return;
  java.prepare = (*env)->GetStaticMethodID(env, guest, "prepare", "()Ljava/lang/String;");
  if (java.prepare != NULL) java.fork = (*env)->GetStaticMethodID(env, guest, "fork", "(JI[Ljava/lang/String;)I");
  if (java.fork != NULL) java.beat = (*env)->GetStaticMethodID(env, guest, "beat", "(I)Ljava/lang/String;");
  if (java.beat != NULL) java.guest = (*env)->NewGlobalRef(env, guest);
}

/* In a local frame: this thread never returns to Java, where local references would end. */
static int prepare(JNIEnv *env, const char *jar, char *reason, size_t size) {
  if (is_secured(env)) {
    say(reason, size, "a SecurityManager is set, which would forbid what has to be repaired; start the program without it");
    return -EACCES;
  }
  if (java.guest == NULL) load(env, jar);
  if (caught(env, reason, size)) return -EACCES;
  jstring refusal = (*env)->CallStaticObjectMethod(env, java.guest, java.prepare);
  if (caught(env, reason, size)) return -EACCES;
  copy(env, refusal, reason, size);
  return refusal == NULL ? 0 : -ENOSYS;
}

int tine__guest_prepare(const char *jar, char *reason, size_t size) {
  JNIEnv *env;
  reason[0] = 0;
  if (java.vm == NULL) {
    JavaVM *vm;
    int error = find_vm(&vm, reason, size);
    if (error == 0) error = attach(vm, &env, reason, size);
    if (error < 0) return error;
    java.vm = vm;
  }
  if ((*java.vm)->GetEnv(java.vm, (void **)&env, JNI_VERSION_9) != JNI_OK) return -ESRCH;
  if ((*env)->PushLocalFrame(env, 64) != 0) {
    caught(env, reason, size);
    return -ENOMEM;
  }
  int error = prepare(env, jar, reason, size);
  (*env)->PopLocalFrame(env, NULL);
  return error;
}

/* In a local frame. */
static int carry_out(JNIEnv *env, const struct tine_fork_request *request, int flags, char *reason, size_t size) {
  jclass string = (*env)->FindClass(env, "java/lang/String");
  jobjectArray refusal = string == NULL ? NULL : (*env)->NewObjectArray(env, 1, string, NULL);
  if (caught(env, reason, size)) return -ENOMEM;
  int pid = (*env)->CallStaticIntMethod(env, java.guest, java.fork, (jlong)(uintptr_t)request, flags, refusal);
  /* Guest catches everything once it has begun; what it could not catch came before. */
  if (caught(env, reason, size)) return -ENOTRECOVERABLE;
  if (pid > 0 && tine_await_repairs() != 0) {
    struct tine_fork_result failure;
    tine_fork_last(&failure);
    return failure.error > 0 ? -failure.error : -EIO;
  }
  if (pid < 0) copy(env, (*env)->GetObjectArrayElement(env, refusal, 0), reason, size);
  return pid < 0 && reason[0] != 0 ? -ENOTSUP : pid;
}

int tine__guest_fork(const struct tine_fork_request *request, int flags, char *reason, size_t size) {
  JNIEnv *env;
  reason[0] = 0;
  if (java.guest == NULL || (*java.vm)->GetEnv(java.vm, (void **)&env, JNI_VERSION_9) != JNI_OK) return -ESRCH;
  if ((*env)->PushLocalFrame(env, 64) != 0) {
    caught(env, reason, size);
    return -ENOMEM;
  }
  int pid = carry_out(env, request, flags, reason, size);
  (*env)->PopLocalFrame(env, NULL);
  return pid;
}

int tine__guest_beat(int flags, char *text, size_t size) {
  JNIEnv *env;
  text[0] = 0;
  if (java.guest == NULL || (*java.vm)->GetEnv(java.vm, (void **)&env, JNI_VERSION_9) != JNI_OK) return -ESRCH;
  if ((*env)->PushLocalFrame(env, 16) != 0) {
    caught(env, text, size);
    return -ENOMEM;
  }
  jstring said = (*env)->CallStaticObjectMethod(env, java.guest, java.beat, flags);
  int error = caught(env, text, size) ? -EIO : 0;
  if (error == 0) copy(env, said, text, size);
  (*env)->PopLocalFrame(env, NULL);
  return error;
}

#if TINE_FAULTS
int tine_guest_fork(const struct tine_fork_request *request, const char *jar, int flags, char *reason, int size) {
  int error = tine__guest_prepare(jar, reason, (size_t)size);
  return error < 0 ? error : tine__guest_fork(request, flags, reason, (size_t)size);
}
#endif
