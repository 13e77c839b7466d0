/* What a service manager, such as systemd, and its service tell each other. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tine.h"

int tine_notify(const char *name, int length, const void *text, int size) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (length < 2 || (size_t)length > sizeof address.sun_path) return -EINVAL;
  memcpy(address.sun_path, name, (size_t)length);
  if (name[0] == '@') address.sun_path[0] = 0; /* an abstract one, whose name ends with its length */
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  socklen_t address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length);
  ssize_t sent =
      sendto(fd, text, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address, address_length);
  int error = sent < 0 ? -errno : 0;
  close(fd);
  return error;
}

int tine_listener_passed(int fd, void *address, int32_t *address_length) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size) < 0) return -errno;
  if (value != SOCK_STREAM) return -EPROTOTYPE;
  size = TINE_ADDRESS_MAX;
  if (getsockname(fd, address, &size) < 0) return -errno;
  *address_length = (int32_t)size;
  return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}
