/* Closes what a program is not to have. */
#include <errno.h>
#include <sys/syscall.h>

#include "fault.h"
#include "raw.h"
#include "spawn/spawn.h"
#include "text.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

struct entry { /* struct linux_dirent64 of getdents64(2) */
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  uint8_t type;
  char name[];
};

static int is_target(const struct tine_spawn_request *request, int32_t fd) {
  for (int i = 0; i < request->placement_count; i++)
    if (request->placements[i].target == fd) return 1;
  return 0;
}

/* Linux before 5.9, and sandboxes that do not know close_range(2). */
static int close_listed(const struct tine_spawn_request *request) {
  char entries[2048] __attribute__((aligned(8)));
  long fd = raw4(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) return (int)fd;
  long n;
  /* The kernel lists by ascending number, so what is closed behind its back moves nothing. */
  while ((n = raw3(SYS_getdents64, fd, entries, sizeof entries)) > 0) {
    for (long at = 0; at < n; at += ((struct entry *)(entries + at))->size) {
      const char *name = ((struct entry *)(entries + at))->name;
      int32_t number = (int32_t)tine__number(name, 10, NULL);
      if (*name != '.' && number != fd && !is_target(request, number)) raw1(SYS_close, number);
    }
  }
  raw1(SYS_close, fd);
  return (int)n;
}

int tine__spawn_close_others(const struct tine_spawn_request *request) {
  uint32_t from = 0;
  for (int i = 0; i <= request->placement_count; i++) {
    int last = i == request->placement_count;
    uint32_t target = last ? ~0u : (uint32_t)request->placements[i].target;
    if (last || target > from) {
      long error = tine__fault(TINE_FAULT_CLOSE_RANGE);
      if (error == 0) error = raw3(SYS_close_range, from, last ? ~0u : target - 1, 0);
      if (error == -ENOSYS || error == -EPERM) return close_listed(request);
      if (error < 0) return (int)error;
    }
    from = target + 1;
  }
  return 0;
}
