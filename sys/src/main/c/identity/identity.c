#include "identity/identity.h"

#include "fault.h"
#include "identity/parts.h"

static int found;

int tine__identity_find(JNIEnv *env) {
  if (found) return 0;
  struct tine__vm vm;
  int error = tine__vm_find(&vm);
  if (error == 0) error = tine__osthread_find(&vm, env);
  if (error == 0) error = tine__perfdata_find(&vm);
  if (error < 0) return error;
  tine__attach_find(&vm);
  tine__log_find(&vm);
  found = 1;
  return 0;
}

int tine__identity_survey(void) { return tine__attach_survey(); }

int tine__identity_become(int with_threads) {
  int error = tine__fault(TINE_STAGE_IDENTITY);
  if (error == 0) tine__log_become(with_threads);
  if (error == 0) error = tine__perfdata_become(with_threads);
  if (error == 0) error = tine__attach_become(with_threads);
  if (error == 0) error = tine__detached_become();
  return error;
}

void tine__identity_leave(void) {
  tine__perfdata_leave();
  tine__attach_leave();
}
