/* The JVM's library, as it lies in memory. */
#ifndef TINE_IDENTITY_VM_H
#define TINE_IDENTITY_VM_H

#include <jni.h>
#include <stddef.h>
#include <stdint.h>

#define TINE__VM_RANGES 8

struct tine__range {
  char *begin, *end;
};

struct tine__vm {
  struct tine__range image;                  /* from its first to its last byte */
  struct tine__range data[TINE__VM_RANGES];  /* its static variables */
  int data_count;
  struct tine__range zeroed; /* of the static variables, those that begin as 0 */
  struct tine__range code;   /* its instructions */
  void *const *initializers; /* the functions that the loader called */
  size_t initializer_count;
  size_t tls_module;  /* the loader's number for its thread-local storage */
  size_t tls_size;
  char *tls;          /* the calling thread's; NULL: none */
  const char *path;
};

/* Fills *vm. 0, or -ENOSYS: no libjvm.so (its path is NULL), or one without gHotSpotVMStructs. Not AS-safe. */
int tine__vm_find(struct tine__vm *vm);

/* Something that the library exports; NULL: it does not. Not AS-safe. */
void *tine__vm_symbol(const struct tine__vm *vm, const char *name);

/* A field of a HotSpot class: its offset or, for a static one, its address; -1: not in the table. Not AS-safe. */
intptr_t tine__vm_field(const struct tine__vm *vm, const char *type, const char *field);

#endif
