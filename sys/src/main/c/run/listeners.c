/*
 * bind, listen and getsockname as the program sees them.
 *
 * A program that boots must not meet real traffic, and its successor must be able to boot while it serves. So the
 * address it asks for is the monitor's to open, or to refuse; the program's own socket gets one that nobody else knows.
 * In a worker, the monitor's socket has taken its place (child/), and none of this matters any more.
 */
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "raw.h"
#include "run/run.h"

#define CAPACITY 256

struct listener {
  struct sockaddr_storage asked, given;
  socklen_t asked_length, given_length;
  uint64_t device, inode;
};

static struct listener listeners[CAPACITY];
static _Atomic int count;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static int failed(long error) {
  errno = (int)-error;
  return -1;
}

static int int_option(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(fd, level, name, &value, &size) == 0 ? value : 0;
}

/* A socket of HotSpot's, for jcmd: it is renamed, looked for by its path, and each process has its own. */
static int is_attach(const struct sockaddr_un *address, socklen_t length) {
  size_t room = length - offsetof(struct sockaddr_un, sun_path);
  return memmem(address->sun_path, room, "/.java_pid", 10) != NULL;
}

/* An address that the monitor owns: TCP with a port, or a UNIX socket with a path. */
static int is_borrowed(int fd, const struct sockaddr *address, socklen_t length) {
  if (length > sizeof(struct sockaddr_storage)) return 0; /* the kernel refuses it, and it would not fit in a message */
  if (int_option(fd, SOL_SOCKET, SO_TYPE) != SOCK_STREAM) return 0;
  switch (length >= sizeof address->sa_family ? address->sa_family : AF_UNSPEC) {
    case AF_INET:
      return length >= sizeof(struct sockaddr_in) && ((const struct sockaddr_in *)address)->sin_port != 0 &&
             int_option(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP;
    case AF_INET6:
      return length >= sizeof(struct sockaddr_in6) && ((const struct sockaddr_in6 *)address)->sin6_port != 0 &&
             int_option(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP;
    case AF_UNIX:
      return length > offsetof(struct sockaddr_un, sun_path) + 1 && length <= sizeof(struct sockaddr_un) &&
             ((const struct sockaddr_un *)address)->sun_path[0] != 0 &&
             !is_attach((const struct sockaddr_un *)address, length);
    default:
      return 0;
  }
}

/* The monitor's answer, with the private address of a UNIX socket. -ENOTCONN and the like: there is none any more. */
static int ask(const struct tine__run *run, struct tine_message *message) {
  int passed = -1;
  int error = tine_message_send(run->link_fd, message, -1);
  if (error == 0) error = tine_message_receive(run->link_fd, message, &passed);
  if (passed >= 0) close(passed);
  return error == 0 && message->type != TINE_MESSAGE_RESULT ? -EPROTO : error;
}

/* Where nobody looks for it: any free port of the loopback device, or a path in the monitor's own directory. */
static socklen_t private_address(int fd, const struct tine_message *answer, int family, struct sockaddr_storage *address) {
  if (family != AF_UNIX) return tine__private_inet(address, family, int_option(fd, IPPROTO_IPV6, IPV6_V6ONLY));
  memset(address, 0, sizeof *address);
  memcpy(address, answer->address, (size_t)answer->address_length);
  return (socklen_t)answer->address_length;
}

static void remember(int fd, const struct tine_message *wanted, const struct sockaddr *asked, socklen_t asked_length) {
  int index = atomic_load(&count);
  if (index == CAPACITY) return; /* only getsockname would tell */
  struct listener *listener = &listeners[index];
  memcpy(&listener->asked, asked, asked_length);
  listener->asked_length = asked_length;
  listener->given_length = sizeof listener->given;
  if (raw3(SYS_getsockname, fd, &listener->given, &listener->given_length) < 0) return;
  listener->device = wanted->device;
  listener->inode = wanted->inode;
  atomic_store(&count, index + 1); /* last: readers take no lock */
}

static int borrow(const struct tine__run *run, int fd, const struct sockaddr *address, socklen_t length) {
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  struct tine_message wanted = {
      .type = TINE_MESSAGE_BIND,
      .number = getpid(),
      .flags = (int_option(fd, SOL_SOCKET, SO_REUSEADDR) ? TINE_BIND_REUSE_ADDRESS : 0) |
               (int_option(fd, SOL_SOCKET, SO_REUSEPORT) ? TINE_BIND_REUSE_PORT : 0) |
               (address->sa_family == AF_INET6 && int_option(fd, IPPROTO_IPV6, IPV6_V6ONLY) ? TINE_BIND_V6_ONLY : 0),
      .address_length = (int32_t)length,
      .device = status.st_dev,
      .inode = status.st_ino,
  };
  memcpy(wanted.address, address, length);
  struct tine_message answer = wanted;
  int error = ask(run, &answer);
  /* No monitor: this is a worker by now, and the address is its own. */
  if (error < 0) return (int)raw3(SYS_bind, fd, address, length);
  if (answer.error != 0) return -answer.error;
  if (answer.flags & TINE_BIND_OWN) return (int)raw3(SYS_bind, fd, address, length);
  struct sockaddr_storage given;
  socklen_t given_length = private_address(fd, &answer, address->sa_family, &given);
  error = (int)raw3(SYS_bind, fd, &given, given_length);
  if (error == 0) remember(fd, &wanted, address, length);
  return error;
}

TINE_API int bind(int fd, const struct sockaddr *address, socklen_t length) {
  const struct tine__run *run = tine__run();
  if (run == NULL || !is_borrowed(fd, address, length)) {
    int error = (int)raw3(SYS_bind, fd, address, length);
    return error < 0 ? failed(error) : 0;
  }
  /* One question at a time: the next answer on the link is this one's. */
  pthread_mutex_lock(&turn);
  int error = borrow(run, fd, address, length);
  pthread_mutex_unlock(&turn);
  return error < 0 ? failed(error) : 0;
}

/* Of the socket; NULL: it was not given another address than it asked for. */
static const struct listener *listener_of(int fd) {
  int n = atomic_load(&count);
  struct stat status;
  if (n == 0 || fstat(fd, &status) < 0) return NULL;
  while (n-- > 0) /* backwards: inodes of closed sockets come again */
    if (listeners[n].inode == status.st_ino && listeners[n].device == status.st_dev) return &listeners[n];
  return NULL;
}

TINE_API int listen(int fd, int backlog) {
  int error = (int)raw2(SYS_listen, fd, backlog);
  if (error < 0) return failed(error);
  const struct tine__run *run = tine__run();
  const struct listener *listener = run == NULL ? NULL : listener_of(fd);
  if (listener == NULL) return 0;
  struct tine_message message = {
      .type = TINE_MESSAGE_LISTEN,
      .number = backlog,
      .address_length = (int32_t)listener->given_length,
      .device = listener->device,
      .inode = listener->inode,
  };
  memcpy(message.address, &listener->given, listener->given_length);
  tine_message_send(run->link_fd, &message, fd); /* fails in a worker only, where nobody needs to know */
  return 0;
}

static int is_same(const struct sockaddr *one, const struct sockaddr_storage *other, socklen_t length) {
  return memcmp(one, other, length) == 0;
}

TINE_API int getsockname(int fd, struct sockaddr *restrict address, socklen_t *restrict length) {
  socklen_t room = *length;
  int error = (int)raw3(SYS_getsockname, fd, address, length);
  if (error < 0) return failed(error);
  /* By its address and not by its inode: this is called for every connection, and connections have it too. */
  for (int i = atomic_load(&count); i-- > 0;) {
    const struct listener *listener = &listeners[i];
    if (*length != listener->given_length || room < *length || !is_same(address, &listener->given, *length)) continue;
    memcpy(address, &listener->asked, listener->asked_length < room ? listener->asked_length : room);
    *length = listener->asked_length;
    break;
  }
  return 0;
}
