/*
 * Finding objects and classes of the program, by JVMTI: the random number generators that a child has to renew.
 */
#include <stdatomic.h>
#include <string.h>

#include "jvm/jvmti.h"
#include "jvm/natives.h"

enum { TYPES = 4 };

jvmtiEnv *tine__jvmti;
int tine__virtual_threads;

static jclass watched[TYPES]; /* global references */
static jint watched_count;
static _Atomic jint new_classes;

/* On the thread that links the class, before it can make an instance. */
static void JNICALL class_is_usable(jvmtiEnv *jvmti, JNIEnv *env, jthread thread, jclass type) {
  (void)jvmti;
  (void)thread;
  for (jint i = 0; i < watched_count; i++)
    if ((*env)->IsAssignableFrom(env, type, watched[i])) {
      atomic_fetch_add(&new_classes, 1);
      return;
    }
}

/* Asked of the VM: an older one takes the bit for an ability that it does not have. */
static unsigned has_virtual_threads(jvmtiEnv *jvmti) {
  jvmtiCapabilities possible;
  memset(&possible, 0, sizeof possible);
  return (*jvmti)->GetPotentialCapabilities(jvmti, &possible) == JVMTI_ERROR_NONE && possible.can_support_virtual_threads;
}

jint JNICALL tine__jvmti_open(JNIEnv *env, jclass self, jobjectArray types) {
  (void)self;
  JavaVM *vm;
  jvmtiEnv *jvmti;
  if (tine__jvmti != NULL) return JVMTI_ERROR_NONE; /* what failed was something else, and it is tried again */
  if ((*env)->GetJavaVM(env, &vm) != JNI_OK) return JVMTI_ERROR_INTERNAL;
  if ((*vm)->GetEnv(vm, (void **)&jvmti, JVMTI_VERSION_11) != JNI_OK) return JVMTI_ERROR_NOT_AVAILABLE;
  jvmtiCapabilities wanted;
  memset(&wanted, 0, sizeof wanted);
  wanted.can_tag_objects = 1;
  wanted.can_get_monitor_info = 1;
  wanted.can_support_virtual_threads = has_virtual_threads(jvmti);
  jvmtiError error = (*jvmti)->AddCapabilities(jvmti, &wanted);
  if (error == JVMTI_ERROR_NONE) {
    jvmtiEventCallbacks events;
    memset(&events, 0, sizeof events);
    events.ThreadStart = tine__thread_starts;
    events.ClassPrepare = class_is_usable;
    events.CompiledMethodLoad = tine__compiled_method; /* without a listener nothing is listed */
    error = (*jvmti)->SetEventCallbacks(jvmti, &events, (jint)sizeof events);
  }
  jint count = (*env)->GetArrayLength(env, types);
  for (jint i = 0; i < count && i < TYPES; i++)
    watched[i] = (*env)->NewGlobalRef(env, (*env)->GetObjectArrayElement(env, types, i));
  watched_count = count < TYPES ? count : TYPES;
  if (error == JVMTI_ERROR_NONE)
    error = (*jvmti)->SetEventNotificationMode(jvmti, JVMTI_ENABLE, JVMTI_EVENT_CLASS_PREPARE, NULL);
  if (error == JVMTI_ERROR_NONE)
    tine__jvmti = jvmti, tine__virtual_threads = (int)wanted.can_support_virtual_threads;
  else
    (*jvmti)->DisposeEnvironment(jvmti);
  return (jint)error;
}

jint JNICALL tine__jvmti_new_classes(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  return atomic_load(&new_classes);
}

jobject JNICALL tine__jvmti_owner(JNIEnv *env, jclass self, jobject object) {
  (void)env;
  (void)self;
  jvmtiMonitorUsage usage;
  if ((*tine__jvmti)->GetObjectMonitorUsage(tine__jvmti, object, &usage) != JVMTI_ERROR_NONE) return NULL;
  (*tine__jvmti)->Deallocate(tine__jvmti, (unsigned char *)usage.waiters);
  (*tine__jvmti)->Deallocate(tine__jvmti, (unsigned char *)usage.notify_waiters);
  return usage.owner;
}

static jobjectArray array_of(JNIEnv *env, const char *type, const jobject *objects, jint count) {
  jclass element = (*env)->FindClass(env, type);
  jobjectArray array = element == NULL ? NULL : (*env)->NewObjectArray(env, count, element, NULL);
  for (jint i = 0; array != NULL && i < count; i++) (*env)->SetObjectArrayElement(env, array, i, objects[i]);
  return array;
}

static jvmtiIterationControl JNICALL found(jlong class_tag, jlong size, jlong *tag, void *mark) {
  (void)class_tag;
  (void)size;
  *tag = *(jlong *)mark;
  return JVMTI_ITERATION_CONTINUE;
}

jobjectArray JNICALL tine__jvmti_instances(JNIEnv *env, jclass self, jclass type) {
  (void)self;
  if (type == NULL) return NULL;
  jlong mark = 1;
  jint count = 0;
  jobject *objects = NULL;
  /* Not IterateThroughHeap: it knows no subclasses, and would ask back for every object of the heap. */
  jvmtiError error = (*tine__jvmti)->IterateOverInstancesOfClass(tine__jvmti, type, JVMTI_HEAP_OBJECT_EITHER, found, &mark);
  if (error == JVMTI_ERROR_NONE)
    error = (*tine__jvmti)->GetObjectsWithTags(tine__jvmti, 1, &mark, &count, &objects, NULL);
  if (error != JVMTI_ERROR_NONE) return NULL;
  for (jint i = 0; i < count; i++) (*tine__jvmti)->SetTag(tine__jvmti, objects[i], 0);
  jobjectArray array = array_of(env, "java/lang/Object", objects, count);
  (*tine__jvmti)->Deallocate(tine__jvmti, (unsigned char *)objects);
  return array;
}

jobjectArray JNICALL tine__jvmti_subclasses(JNIEnv *env, jclass self, jclass type) {
  (void)self;
  jint count = 0, kept = 0;
  jclass *classes = NULL;
  if ((*tine__jvmti)->GetLoadedClasses(tine__jvmti, &count, &classes) != JVMTI_ERROR_NONE) return NULL;
  for (jint i = 0; i < count; i++) {
    if ((*env)->IsAssignableFrom(env, classes[i], type))
      classes[kept++] = classes[i];
    else
      (*env)->DeleteLocalRef(env, classes[i]);
  }
  jobjectArray array = array_of(env, "java/lang/Class", classes, kept);
  (*tine__jvmti)->Deallocate(tine__jvmti, (unsigned char *)classes);
  return array;
}
