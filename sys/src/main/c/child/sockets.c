#include "child/sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "raw.h"

static long new_socket(const struct tine__descriptor *old) {
  const struct tine__socket *socket = &old->socket;
  return raw3(SYS_socket, socket->domain, socket->type | (old->flags & O_NONBLOCK) | SOCK_CLOEXEC, socket->protocol);
}

/*
 * One for each, though most of its cost is the kernel's making of a socket, and one dead description for all would do for
 * reads and writes. But a set of epoll forgets a file when its last descriptor is closed: a program that closes a dead
 * connection, and counts on that as Netty does, would go on hearing of it under a number that is another's by then.
 */
long tine__socket_dead(const struct tine__descriptor *old) {
  long fd = new_socket(old);
  /* Without a connection a datagram socket would wait for ever. It fails with ENOTCONN, and shuts down nevertheless. */
  if (fd >= 0 && old->socket.type == SOCK_DGRAM) raw2(SYS_shutdown, fd, SHUT_RDWR);
  return fd;
}

long tine__socket_like(const struct tine__descriptor *old) {
  static const struct {
    int level, name;
  } options[] = {
      {SOL_SOCKET, SO_REUSEADDR},   {SOL_SOCKET, SO_REUSEPORT},     {SOL_SOCKET, SO_KEEPALIVE},
      {SOL_SOCKET, SO_BROADCAST},   {SOL_SOCKET, SO_LINGER},        {SOL_SOCKET, SO_RCVTIMEO},
      {SOL_SOCKET, SO_SNDTIMEO},    {SOL_SOCKET, SO_OOBINLINE},     {SOL_SOCKET, SO_PASSCRED},
      {IPPROTO_IPV6, IPV6_V6ONLY},  {IPPROTO_IPV6, IPV6_TCLASS},    {IPPROTO_IP, IP_TOS},
      {IPPROTO_TCP, TCP_NODELAY},   {IPPROTO_TCP, TCP_KEEPIDLE},    {IPPROTO_TCP, TCP_KEEPINTVL},
      {IPPROTO_TCP, TCP_KEEPCNT},   {IPPROTO_TCP, TCP_USER_TIMEOUT}, {IPPROTO_TCP, TCP_QUICKACK},
  };
  long fd = new_socket(old);
  for (unsigned i = 0; fd >= 0 && i < sizeof options / sizeof *options; i++) {
    char value[32];
    socklen_t size = sizeof value;
    /* Each kind of socket has some of them. */
    if (raw5(SYS_getsockopt, old->fd, options[i].level, options[i].name, value, &size) == 0)
      raw5(SYS_setsockopt, fd, options[i].level, options[i].name, value, size);
  }
  /* Sizes of buffers that were set, which also ends their adaptation; the kernel doubles what it is given. */
  static const int buffers[] = {SO_SNDBUF, SO_RCVBUF};
  int32_t locked = 0, bytes;
  socklen_t size = sizeof locked;
  if (fd >= 0) raw5(SYS_getsockopt, old->fd, SOL_SOCKET, SO_BUF_LOCK, &locked, &size);
  for (int i = 0; i < 2; i++) {
    if (!(locked & 1 << i)) continue;
    size = sizeof bytes;
    raw5(SYS_getsockopt, old->fd, SOL_SOCKET, buffers[i], &bytes, &size);
    bytes /= 2;
    raw5(SYS_setsockopt, fd, SOL_SOCKET, buffers[i], &bytes, sizeof bytes);
  }
  return fd;
}
