/*
 * The pid that HotSpot prints in its log (-Xlog:...:pid): a constant, set when its library is loaded.
 *
 * It is in no table, but always there: among HotSpot's static variables it is the one that holds the pid. If another holds
 * the same number by chance, none is touched, and the log of a child goes on naming its parent.
 */
#include <sys/syscall.h>

#include "identity/parts.h"
#include "raw.h"

static int32_t *remembered;

void tine__log_find(const struct tine__vm *vm) {
  int32_t pid = (int32_t)raw0(SYS_getpid);
  int found = 0;
  for (int i = 0; i < vm->data_count; i++)
    for (int32_t *p = (int32_t *)vm->data[i].begin; (char *)(p + 1) <= vm->data[i].end; p++)
      if (*p == pid) {
        remembered = p;
        found++;
      }
  if (found != 1) remembered = NULL;
}

void tine__log_become(int with_threads) {
  if (remembered != NULL && with_threads) *remembered = (int32_t)raw0(SYS_getpid);
}
