/*
 * The pid that HotSpot prints in its log (-Xlog:...:pid): a constant, set when its library is loaded.
 *
 * It is in no table, but always there: among HotSpot's static variables it is the one that holds the pid. It is computed, and
 * so among those that begin as 0; sizes and defaults, one of which may well be a small pid, are not. If another holds the
 * same number by chance, none is touched, and the log of a child goes on naming its parent.
 */
#include <sys/syscall.h>

#include "identity/parts.h"
#include "raw.h"

static int32_t *remembered;

void tine__log_find(const struct tine__vm *vm) {
  int32_t pid = (int32_t)raw0(SYS_getpid);
  int found = 0;
  uintptr_t begin = ((uintptr_t)vm->zeroed.begin + sizeof *remembered - 1) & ~(sizeof *remembered - 1);
  for (int32_t *p = (int32_t *)begin; (char *)(p + 1) <= vm->zeroed.end; p++)
    if (*p == pid) {
      remembered = p;
      found++;
    }
  if (found != 1) remembered = NULL;
}

void tine__log_become(int with_threads) {
  if (remembered != NULL && with_threads) *remembered = (int32_t)raw0(SYS_getpid);
}
