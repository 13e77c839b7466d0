/* The addresses that listeners have: the monitor's side, and what is private to both. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run/run.h"

/* 127.0.0.1 as a socket of both families knows it. */
static const struct in6_addr mapped_loopback = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}}};

socklen_t tine__private_inet(struct sockaddr_storage *address, int family, int v6_only) {
  memset(address, 0, sizeof *address);
  address->ss_family = (sa_family_t)family;
  if (family == AF_INET) {
    ((struct sockaddr_in *)address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof(struct sockaddr_in);
  }
  ((struct sockaddr_in6 *)address)->sin6_addr = v6_only ? in6addr_loopback : mapped_loopback;
  return sizeof(struct sockaddr_in6);
}

/* As many workers as there can be. */
#define WORKERS_MAX 1024

static int set(int fd, int level, int name) {
  int on = 1;
  return setsockopt(fd, level, name, &on, sizeof on) < 0 ? -errno : 0;
}

int tine_listener_open(const void *address, int length, int flags) {
  const struct sockaddr *wanted = address;
  int fd = socket(wanted->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int error = 0;
  if (flags & TINE_BIND_REUSE_ADDRESS) error = set(fd, SOL_SOCKET, SO_REUSEADDR);
  if (error == 0 && flags & TINE_BIND_REUSE_PORT) error = set(fd, SOL_SOCKET, SO_REUSEPORT);
  if (wanted->sa_family == AF_INET6) { /* explicitly, either way: the system has a default */
    int only = (flags & TINE_BIND_V6_ONLY) != 0;
    if (error == 0 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) < 0) error = -errno;
  }
  if (error == 0 && bind(fd, wanted, (socklen_t)length) < 0) error = -errno;
  if (error < 0) close(fd);
  return error < 0 ? error : fd;
}

int tine_listener_listen(int fd, int like, int backlog) {
  /* What accepted connections inherit. Sizes of buffers only if they were set, see SO_BUF_LOCK. */
  static const struct {
    int level, name;
  } options[] = {
      {SOL_SOCKET, SO_KEEPALIVE},   {SOL_SOCKET, SO_LINGER},       {SOL_SOCKET, SO_PRIORITY},
      {IPPROTO_IP, IP_TOS},         {IPPROTO_IPV6, IPV6_TCLASS},   {IPPROTO_TCP, TCP_NODELAY},
      {IPPROTO_TCP, TCP_KEEPIDLE},  {IPPROTO_TCP, TCP_KEEPINTVL},  {IPPROTO_TCP, TCP_KEEPCNT},
      {IPPROTO_TCP, TCP_FASTOPEN},  {IPPROTO_TCP, TCP_DEFER_ACCEPT}, {IPPROTO_TCP, TCP_USER_TIMEOUT},
  };
  for (unsigned i = 0; like >= 0 && i < sizeof options / sizeof *options; i++) {
    char value[32];
    socklen_t size = sizeof value;
    /* Each kind of socket has some of them. */
    if (getsockopt(like, options[i].level, options[i].name, value, &size) == 0)
      setsockopt(fd, options[i].level, options[i].name, value, size);
  }
  int locked = 0, bytes;
  socklen_t size = sizeof locked;
  if (like >= 0) getsockopt(like, SOL_SOCKET, SO_BUF_LOCK, &locked, &size);
  size = sizeof bytes;
  if (locked & 2 /* SOCK_RCVBUF_LOCK */ && getsockopt(like, SOL_SOCKET, SO_RCVBUF, &bytes, &size) == 0) {
    bytes /= 2; /* the kernel doubles what it is given */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  return listen(fd, backlog) < 0 ? -errno : 0;
}

int tine_listener_hidden(const void *like, int length, int flags, void *address, int32_t *address_length) {
  struct sockaddr_storage hidden;
  memset(&hidden, 0, sizeof hidden);
  memcpy(&hidden, like, (size_t)length < sizeof hidden ? (size_t)length : sizeof hidden);
  if (hidden.ss_family != AF_UNIX)
    length = (int)tine__private_inet(&hidden, hidden.ss_family, (flags & TINE_BIND_V6_ONLY) != 0);
  int fd = tine_listener_open(&hidden, length, flags & TINE_BIND_V6_ONLY);
  if (fd < 0) return fd;
  socklen_t size = TINE_ADDRESS_MAX;
  int error = listen(fd, SOMAXCONN) < 0 || getsockname(fd, address, &size) < 0 ? -errno : 0;
  *address_length = (int32_t)size;
  if (error < 0) close(fd);
  return error < 0 ? error : fd;
}

int tine_listener_share(int fd) { return set(fd, SOL_SOCKET, SO_REUSEPORT); }

int tine_listener_choose(int fd, const uint16_t *table, int count) {
  if (count < 1 || count > WORKERS_MAX) return -EINVAL;
  /* Classic BPF, which needs no privilege: a random number below count, and its entry in the table unless that is itself. */
  struct sock_filter code[2 * WORKERS_MAX + 3];
  unsigned short n = 0;
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM));
  code[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, (uint32_t)count);
  for (int i = 0; i < count; i++) {
    if (table[i] == i) continue;
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)i, 0, 1);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, table[i]);
  }
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
  struct sock_fprog program = {n, code};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) < 0 ? -errno : 0;
}

int tine_listener_is_polled(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags < 0 ? -errno : (flags & O_NONBLOCK) != 0;
}

int tine_listener_waiting(int fd) {
  struct tcp_info info;
  socklen_t size = sizeof info;
  memset(&info, 0, sizeof info);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0) return -errno;
  return (int)info.tcpi_unacked; /* of a listener it is that */
}
