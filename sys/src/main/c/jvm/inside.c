/*
 * Where suspended threads stand, by JVMTI: one that has begun what it would complete in two processes is let go on until it is
 * out of it.
 */
#include <string.h>

#include "jvm/jvmti.h"
#include "jvm/natives.h"

/* Enough for what the methods in question call: AtomicLong, Unsafe. */
enum { DEPTH = 8 };

typedef jvmtiError(JNICALL *carried_function)(jvmtiEnv *, jthread carrier, jthread *carried);

/* HotSpot's, not JVMTI's own: the virtual thread that a thread carries. */
static carried_function get_carried;

static void find_get_carried(void) {
  jvmtiExtensionFunctionInfo *functions;
  jint count;
  if (get_carried != NULL) return;
  if ((*tine__jvmti)->GetExtensionFunctions(tine__jvmti, &count, &functions) != JVMTI_ERROR_NONE) return;
  for (jint i = 0; i < count; i++) {
    jvmtiExtensionFunctionInfo *f = &functions[i];
    if (strcmp(f->id, "com.sun.hotspot.functions.GetVirtualThread") == 0) get_carried = (carried_function)f->func;
    for (jint j = 0; j < f->param_count; j++)
      (*tine__jvmti)->Deallocate(tine__jvmti, (unsigned char *)f->params[j].name);
    (*tine__jvmti)->Deallocate(tine__jvmti, (unsigned char *)f->id);
    (*tine__jvmti)->Deallocate(tine__jvmti, (unsigned char *)f->short_description);
    (*tine__jvmti)->Deallocate(tine__jvmti, (unsigned char *)f->params);
    (*tine__jvmti)->Deallocate(tine__jvmti, (unsigned char *)f->errors);
  }
  (*tine__jvmti)->Deallocate(tine__jvmti, (unsigned char *)functions);
}

static int is_inside(JNIEnv *env, jthread thread, jclass type) {
  jvmtiFrameInfo frames[DEPTH];
  jint count;
  int found = 0;
  if ((*tine__jvmti)->GetStackTrace(tine__jvmti, thread, 0, DEPTH, frames, &count) != JVMTI_ERROR_NONE) return 0;
  for (jint i = 0; i < count && !found; i++) {
    jclass declarer;
    if ((*tine__jvmti)->GetMethodDeclaringClass(tine__jvmti, frames[i].method, &declarer) != JVMTI_ERROR_NONE) continue;
    found = (*env)->IsSameObject(env, declarer, type);
    (*env)->DeleteLocalRef(env, declarer);
  }
  return found;
}

/* The virtual thread that a thread carries, a local reference; NULL: none. */
static jthread carried_by(jthread thread) {
  jthread carried = NULL;
  if (get_carried == NULL || get_carried(tine__jvmti, thread, &carried) != JVMTI_ERROR_NONE) return NULL;
  return carried;
}

jobject JNICALL tine__jvmti_inside(JNIEnv *env, jclass self, jobjectArray threads, jint count, jclass type,
                                   jboolean with_virtual) {
  (void)self;
  jthread current = NULL;
  if (with_virtual) {
    find_get_carried();
    (*tine__jvmti)->GetCurrentThread(tine__jvmti, &current);
  }
  for (jint i = 0; i < count; i++) {
    jthread thread = (*env)->GetObjectArrayElement(env, threads, i);
    if (is_inside(env, thread, type)) return thread;
    jthread carried = with_virtual ? carried_by(thread) : NULL;
    if (carried != NULL && !(*env)->IsSameObject(env, carried, current) && is_inside(env, carried, type)) return carried;
    (*env)->DeleteLocalRef(env, carried);
    (*env)->DeleteLocalRef(env, thread);
  }
  return NULL;
}
