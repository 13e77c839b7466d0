/*
 * leaderless LIBJVM OPTION... CLASS: runs a Java program in a process whose primordial thread has exited, as a
 * launcher that calls pthread_exit() in main() would. The class path is $CLASSPATH.
 */
#include <dlfcn.h>
#include <jni.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count;
static char **arguments;

static void *run(void *ignored) {
  void *jvm = dlopen(arguments[1], RTLD_NOW | RTLD_GLOBAL);
  jint (*create)(JavaVM **, void **, void *) = jvm == NULL ? NULL : dlsym(jvm, "JNI_CreateJavaVM");
  if (create == NULL) exit(90);
  JavaVMOption options[64];
  memset(options, 0, sizeof options);
  int n = 0;
  for (int i = 2; i < count - 1; i++) options[n++].optionString = arguments[i];
  const char *class_path = getenv("CLASSPATH");
  char *option = malloc(strlen(class_path) + 32);
  sprintf(option, "-Djava.class.path=%s", class_path);
  options[n++].optionString = option;
  JavaVMInitArgs wanted = {JNI_VERSION_10, n, options, JNI_FALSE};
  JavaVM *vm;
  JNIEnv *env;
  if (create(&vm, (void **)&env, &wanted) != JNI_OK) exit(91);
  char *name = arguments[count - 1];
  for (char *c = name; *c; c++)
    if (*c == '.') *c = '/';
  jclass class = (*env)->FindClass(env, name);
  jmethodID program = class == NULL ? NULL : (*env)->GetStaticMethodID(env, class, "main", "()V");
  if (program == NULL) exit(92);
  (*env)->CallStaticVoidMethod(env, class, program);
  if ((*env)->ExceptionCheck(env)) {
    (*env)->ExceptionDescribe(env);
    exit(93);
  }
  exit(0);
  return ignored;
}

int main(int argc, char **argv) {
  count = argc;
  arguments = argv;
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 8 << 20);
  if (pthread_create(&thread, &attributes, run, NULL) != 0) return 94;
  pthread_exit(NULL);
}
