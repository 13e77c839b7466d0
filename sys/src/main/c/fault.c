#include "fault.h"

#include <stdatomic.h>
#include <sys/syscall.h>

#include "raw.h"

#if TINE_FAULTS
static struct {
  int stage, error;
  _Atomic int skip;
} fault;

int tine__fault(int stage) {
  if (fault.stage != stage || atomic_fetch_sub(&fault.skip, 1) != 0) return 0;
  if (fault.error < 0) {
    /* All signals are blocked here, so only SIGKILL gets through; the others end the process by their number. To this
       thread: SIGSTOP could stop another one first, and this one would end the process. */
    raw3(SYS_tgkill, raw0(SYS_getpid), raw0(SYS_gettid), -fault.error);
    raw1(SYS_exit_group, 99);
  }
  return -fault.error;
}

int tine_fault(int stage, int error, int skip) {
  fault.stage = stage;
  fault.error = error;
  atomic_store(&fault.skip, skip);
  return 0;
}
#else
/* ISO C forbids an empty file. */
typedef int tine__no_faults;
#endif
