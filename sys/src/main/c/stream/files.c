/* Files and pipes by number: open, read, write. */
#include <fcntl.h>
#include <sys/syscall.h>

#include "raw.h"
#include "tine.h"

int tine_open(const char *path, int flags, int mode) {
  return (int)raw4(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

int tine_pipe(int fds[2]) { return (int)raw2(SYS_pipe2, fds, O_CLOEXEC); }

int tine_set_blocking(int fd, int blocking) {
  long flags = raw2(SYS_fcntl, fd, F_GETFL);
  if (flags < 0) return (int)flags;
  long wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
  return wanted == flags ? 0 : (int)raw3(SYS_fcntl, fd, F_SETFL, wanted);
}

int tine_duplicate(int fd) { return (int)raw3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 0); }

int64_t tine_read(int fd, void *bytes, int64_t size) { return raw3(SYS_read, fd, bytes, size); }

int64_t tine_write(int fd, const void *bytes, int64_t size) { return raw3(SYS_write, fd, bytes, size); }
