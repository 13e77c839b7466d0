/*
 * The barriers at the entries of compiled code.
 *
 * A collection of the whole heap arms them (HotSpot from JDK 20 on; earlier, some collectors): the first call of each
 * compiled method marks what it refers to, and takes the barrier away, by writing to the method. Each worker would do
 * that again for all that it runs, and copy the pages. JVMTI's listing of compiled methods does it as well: it enters
 * each one, so that it is not thrown away while it is listed.
 */
#include <string.h>

#include "jvm/jvmti.h"
#include "jvm/natives.h"

void JNICALL tine__compiled_method(jvmtiEnv *jvmti, jmethodID method, jint size, const void *code, jint count,
                                   const jvmtiAddrLocationMap *map, const void *inlined) {
  (void)jvmti;
  (void)method;
  (void)size;
  (void)code;
  (void)count;
  (void)map;
  (void)inlined;
}

void JNICALL tine__jvmti_enter_compiled(JNIEnv *env, jclass self) {
  (void)env;
  (void)self;
  jvmtiCapabilities capability;
  memset(&capability, 0, sizeof capability);
  capability.can_generate_compiled_method_load_events = 1;
  /* Nothing depends on it: without, workers are as they should be, and slower at first. */
  if ((*tine__jvmti)->AddCapabilities(tine__jvmti, &capability) != JVMTI_ERROR_NONE) return;
  const jvmtiEvent event = JVMTI_EVENT_COMPILED_METHOD_LOAD;
  if ((*tine__jvmti)->SetEventNotificationMode(tine__jvmti, JVMTI_ENABLE, event, NULL) == JVMTI_ERROR_NONE) {
    (*tine__jvmti)->GenerateEvents(tine__jvmti, event);
    (*tine__jvmti)->SetEventNotificationMode(tine__jvmti, JVMTI_DISABLE, event, NULL);
  }
  (*tine__jvmti)->RelinquishCapabilities(tine__jvmti, &capability);
}
