/*
 * The pid that HotSpot prints in its log (-Xlog:...:pid): a constant, set when its library is loaded.
 *
 * It is in no table, but always there: a static variable, of those that begin as 0, that holds the pid. Others may hold the
 * same number by chance, and often do where pids are small, as in a container. So the one is taken that the library's
 * initializer stored what it got from its first call in, which was getpid. Where a compiler made other code of that, it is
 * the only one that holds the pid; if there are several then, none is touched, and the log of a child names its parent.
 */
#include <sys/syscall.h>

#include "arch/arch.h"
#include "identity/parts.h"
#include "raw.h"

static int32_t *remembered;

static int is_zeroed(const struct tine__vm *vm, const int32_t *place) {
  return (const char *)place >= vm->zeroed.begin && (const char *)(place + 1) <= vm->zeroed.end;
}

/* The variable that an initializer stored the pid in; NULL: none, or several. */
static int32_t *initialized(const struct tine__vm *vm, int32_t pid) {
  int32_t *result = NULL;
  for (size_t i = 0; i < vm->initializer_count; i++) {
    const char *code = vm->initializers[i];
    if (code < vm->code.begin || code + TINE__FIRST_CALL_BYTES > vm->code.end) continue;
    int32_t *place = tine__first_result((const uint8_t *)code);
    if (place == NULL || !is_zeroed(vm, place) || *place != pid) continue;
    if (result != NULL) return NULL;
    result = place;
  }
  return result;
}

/* The only variable that holds the pid; NULL: none, or several. */
static int32_t *only(const struct tine__vm *vm, int32_t pid) {
  int32_t *result = NULL;
  uintptr_t begin = ((uintptr_t)vm->zeroed.begin + sizeof *result - 1) & ~(sizeof *result - 1);
  for (int32_t *p = (int32_t *)begin; is_zeroed(vm, p); p++) {
    if (*p != pid) continue;
    if (result != NULL) return NULL;
    result = p;
  }
  return result;
}

void tine__log_find(const struct tine__vm *vm) {
  int32_t pid = (int32_t)raw0(SYS_getpid);
  remembered = initialized(vm, pid);
  if (remembered == NULL) remembered = only(vm, pid);
}

void tine__log_become(int with_threads) {
  if (remembered != NULL && with_threads) *remembered = (int32_t)raw0(SYS_getpid);
}
