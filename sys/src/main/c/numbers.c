#include "numbers.h"

#include <sys/syscall.h>

#include "raw.h"
#include "text.h"

struct entry { /* struct linux_dirent64 of getdents64(2) */
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  uint8_t type;
  char name[];
};

int tine__each_number(const char *directory, int32_t skip, int (*visit)(int32_t number, void *state), void *state) {
  static char entries[16384] __attribute__((aligned(8))); /* not on the stack: the leader's may be small */
  long fd = raw4(SYS_openat, AT_FDCWD, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) return (int)fd;
  /* Not in a directory of threads, too: in a small namespace a tid may well be the number of this descriptor. */
  if (skip < 0) skip = (int32_t)fd;
  int result = 0;
  long n = 0;
  while (result >= 0 && (n = raw3(SYS_getdents64, fd, entries, sizeof entries)) > 0) {
    for (long at = 0; at < n && result >= 0; at += ((struct entry *)(entries + at))->size) {
      const char *name = ((struct entry *)(entries + at))->name;
      if (*name == '.') continue;
      int32_t number = (int32_t)tine__number(name, 10, NULL);
      if (number != skip) result = visit(number, state);
    }
  }
  raw1(SYS_close, fd);
  return result < 0 ? result : (int)n;
}
