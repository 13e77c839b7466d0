#include "identity/vm.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>

static int is_libjvm(const char *path) {
  const char *name = strrchr(path, '/');
  return name != NULL && strcmp(name, "/libjvm.so") == 0;
}

/* Static variables are what is writable, without what the loader has made read-only since (RELRO). */
static void add_data(struct tine__vm *vm, char *begin, char *end) {
  if (begin >= end || vm->data_count == TINE__VM_RANGES) return;
  vm->data[vm->data_count++] = (struct tine__range){begin, end};
}

static void find_initializers(struct tine__vm *vm, const ElfW(Dyn) *entry, char *base) {
  for (; entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_INIT_ARRAY) vm->initializers = (void *const *)(base + entry->d_un.d_ptr);
    if (entry->d_tag == DT_INIT_ARRAYSZ) vm->initializer_count = entry->d_un.d_val / sizeof *vm->initializers;
  }
  if (vm->initializers == NULL) vm->initializer_count = 0;
}

static int look_at(struct dl_phdr_info *info, size_t size, void *state) {
  (void)size;
  struct tine__vm *vm = state;
  if (info->dlpi_name == NULL || !is_libjvm(info->dlpi_name)) return 0;
  char *base = (char *)info->dlpi_addr;
  struct tine__range fixed = {NULL, NULL};
  vm->path = info->dlpi_name;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    char *begin = base + part->p_vaddr;
    if (part->p_type == PT_GNU_RELRO) fixed = (struct tine__range){begin, begin + part->p_memsz};
    if (part->p_type == PT_DYNAMIC) find_initializers(vm, (const ElfW(Dyn) *)begin, base);
    if (part->p_type == PT_TLS) {
      vm->tls_module = info->dlpi_tls_modid;
      vm->tls_size = part->p_memsz;
      vm->tls = info->dlpi_tls_data;
    }
  }
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD) continue;
    char *begin = base + part->p_vaddr, *end = begin + part->p_memsz;
    if (vm->image.begin == NULL || begin < vm->image.begin) vm->image.begin = begin;
    if (end > vm->image.end) vm->image.end = end;
    if (part->p_flags & PF_X) vm->code = (struct tine__range){begin, end};
    if (!(part->p_flags & PF_W)) continue;
    if (part->p_memsz > part->p_filesz) vm->zeroed = (struct tine__range){begin + part->p_filesz, end};
    if (fixed.begin >= begin && fixed.end <= end && fixed.begin != NULL) {
      add_data(vm, begin, fixed.begin);
      add_data(vm, fixed.end, end);
    } else {
      add_data(vm, begin, end);
    }
  }
  return 1;
}

void *tine__vm_symbol(const struct tine__vm *vm, const char *name) {
  /* By its path: a launcher may have loaded it for itself alone (RTLD_LOCAL). */
  void *library = dlopen(vm->path, RTLD_NOW | RTLD_NOLOAD);
  if (library == NULL) return NULL;
  void *address = dlsym(library, name);
  dlclose(library);
  return address;
}

int tine__vm_find(struct tine__vm *vm) {
  memset(vm, 0, sizeof *vm);
  if (dl_iterate_phdr(look_at, vm) == 0) return -ENOSYS;
  return tine__vm_symbol(vm, "gHotSpotVMStructs") != NULL ? 0 : -ENOSYS;
}

/* A number that describes the table, or a place in an entry of it. */
static uint64_t number(const struct tine__vm *vm, const char *name) {
  const uint64_t *value = tine__vm_symbol(vm, name);
  return value == NULL ? 0 : *value;
}

intptr_t tine__vm_field(const struct tine__vm *vm, const char *type, const char *field) {
  char *const *table = tine__vm_symbol(vm, "gHotSpotVMStructs");
  uint64_t stride = number(vm, "gHotSpotVMStructEntryArrayStride");
  uint64_t type_at = number(vm, "gHotSpotVMStructEntryTypeNameOffset");
  uint64_t field_at = number(vm, "gHotSpotVMStructEntryFieldNameOffset");
  uint64_t is_static_at = number(vm, "gHotSpotVMStructEntryIsStaticOffset");
  uint64_t offset_at = number(vm, "gHotSpotVMStructEntryOffsetOffset");
  uint64_t address_at = number(vm, "gHotSpotVMStructEntryAddressOffset");
  if (table == NULL || stride == 0) return -1;
  for (const char *entry = *table;; entry += stride) {
    const char *its_type = *(const char *const *)(entry + type_at);
    const char *its_field = *(const char *const *)(entry + field_at);
    if (its_type == NULL || its_field == NULL) return -1; /* the end */
    if (strcmp(its_type, type) != 0 || strcmp(its_field, field) != 0) continue;
    return *(const int32_t *)(entry + is_static_at) ? *(const intptr_t *)(entry + address_at)
                                                    : (intptr_t)*(const uint64_t *)(entry + offset_at);
  }
}
