#include "survey/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fault.h"
#include "numbers.h"
#include "raw.h"
#include "text.h"

/* Doubles an array that is full; raw mmap takes no lock of libc's. */
static int grow(void **array, uint32_t count, uint32_t *capacity, size_t item) {
  if (count < *capacity) return 0;
  uint32_t wanted = *capacity == 0 ? 256 : *capacity * 2;
  long memory = *capacity == 0
                    ? raw6(SYS_mmap, 0, wanted * item, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                    : raw4(SYS_mremap, *array, *capacity * item, wanted * item, MREMAP_MAYMOVE);
  if (memory < 0 && memory > -4096) return (int)memory;
  *array = (void *)memory;
  *capacity = wanted;
  return 0;
}

/* A /proc file read line by line, of any length. */
struct lines {
  long fd;
  long begin, end; /* of what is read and not yet handed out */
  char text[8192];
};

/* The next line without its newline; NULL at the end. */
static const char *next_line(struct lines *lines) {
  for (;;) {
    for (long i = lines->begin; i < lines->end; i++) {
      if (lines->text[i] != '\n') continue;
      lines->text[i] = 0;
      const char *line = lines->text + lines->begin;
      lines->begin = i + 1;
      return line;
    }
    for (long i = lines->begin; i < lines->end; i++) lines->text[i - lines->begin] = lines->text[i];
    lines->end -= lines->begin;
    lines->begin = 0;
    long n = raw3(SYS_read, lines->fd, lines->text + lines->end, (long)sizeof lines->text - lines->end);
    if (n <= 0) return NULL; /* a last line without newline does not occur in fdinfo */
    lines->end += n;
  }
}

/* Value behind `key` in a line of blank-separated "key:value" and "key: value" pairs; 0 and NULL in *end: absent. */
static uint64_t value_of(const char *line, const char *key, unsigned base, const char **end) {
  for (const char *p = line; *p; p++) {
    if ((p != line && p[-1] != ' ') || !tine__starts_with(p, key)) continue;
    while (*key) p++, key++;
    return tine__number(p, base, end);
  }
  *end = NULL;
  return 0;
}

/*
 * "tfd: 8 events: 19 data: 7f01 pos:0 ino:5a sdev:e". The set knows a member by file and number; if the number was
 * closed and taken by another file meanwhile, while a duplicate keeps the first alive, the member cannot be named any
 * more, in the parent neither: it is told apart by its inode and left out.
 */
static int add_member(struct tine__survey *survey, const char *line) {
  const char *end;
  uint64_t fd = value_of(line, "tfd:", 10, &end);
  if (end == NULL) return 0;
  uint64_t events = value_of(line, "events:", 16, &end);
  uint64_t data = value_of(line, "data:", 16, &end);
  if (end == NULL) return -EPROTO;
  uint64_t inode = value_of(line, "ino:", 16, &end);
  struct stat now;
  if (raw2(SYS_fstat, fd, &now) < 0 || (end != NULL && now.st_ino != inode)) return 0;
  int error = grow((void **)&survey->members, survey->member_count, &survey->member_capacity, sizeof *survey->members);
  if (error < 0) return error;
  survey->members[survey->member_count++] = (struct tine__member){data, (uint32_t)events, (int32_t)fd};
  return 1;
}

static int read_info(struct tine__survey *survey, struct tine__descriptor *descriptor) {
  static struct lines lines;
  char path[64];
  lines.fd = raw4(SYS_openat, AT_FDCWD, tine__path(path, "/proc/self/fdinfo/", descriptor->fd, ""),
                  O_RDONLY | O_CLOEXEC, 0);
  if (lines.fd < 0) return (int)lines.fd;
  lines.begin = lines.end = 0;
  int error = 0;
  const char *end;
  for (const char *line; error >= 0 && (line = next_line(&lines)) != NULL;) {
    if (descriptor->kind == TINE__EPOLL) {
      error = add_member(survey, line);
      if (error > 0) descriptor->members++;
    } else if (tine__starts_with(line, "eventfd-count:")) {
      descriptor->value = tine__number(line + 14, 16, &end);
    } else if (tine__starts_with(line, "eventfd-semaphore:")) {
      descriptor->semaphore = tine__number(line + 18, 10, &end) != 0;
    }
  }
  raw1(SYS_close, lines.fd);
  return error < 0 ? error : 0;
}

static int is_connected_tcp(int32_t fd) {
  unsigned char info[256];
  socklen_t size = sizeof info;
  if (raw5(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, info, &size) < 0) return 0;
  /* tcpi_state comes first. A socket that is bound, but neither listens nor connects, is the program's to share. */
  return info[0] != TCP_CLOSE && info[0] != TCP_LISTEN;
}

/*
 * Two processes that read from one connection take each other's bytes, and the one that closes it says goodbye for the
 * other. Listening sockets and unconnected datagram sockets are shared on purpose.
 */
static int is_connected(struct tine__descriptor *socket) {
  int32_t *facts[] = {&socket->domain, &socket->type, &socket->protocol};
  static const int options[] = {SO_DOMAIN, SO_TYPE, SO_PROTOCOL};
  for (int i = 0; i < 3; i++) {
    socklen_t size = sizeof(int32_t);
    if (raw5(SYS_getsockopt, socket->fd, SOL_SOCKET, options[i], facts[i], &size) < 0) return 0;
  }
  if (socket->protocol == IPPROTO_TCP) return is_connected_tcp(socket->fd);
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  if (raw3(SYS_getpeername, socket->fd, &peer, &size) < 0) return 0;
  /* A UNIX socket whose peer is gone has nothing left to share; the JDK keeps one as a substitute for closed ones. */
  struct pollfd state = {.fd = socket->fd};
  raw3(SYS_poll, &state, 1, 0);
  return socket->domain != AF_UNIX || !(state.revents & POLLHUP);
}

/*
 * Inode of the other end of a UNIX socket, from sock_diag(7); 0 if it cannot be known: then it is taken to be elsewhere.
 */
static uint64_t unix_peer(uint64_t inode) {
  struct {
    struct nlmsghdr header;
    struct unix_diag_req body;
  } request = {
      .header = {.nlmsg_len = sizeof request, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
      .body = {.sdiag_family = AF_UNIX,
               .udiag_states = ~0u,
               .udiag_ino = (uint32_t)inode,
               .udiag_show = UDIAG_SHOW_PEER,
               .udiag_cookie = {~0u, ~0u}},
  };
  static union {
    struct nlmsghdr header;
    char bytes[1024];
  } answer;
  long fd = raw3(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) return 0;
  uint64_t peer = 0;
  long n = raw6(SYS_sendto, fd, &request, sizeof request, 0, 0, 0);
  if (n > 0) n = raw6(SYS_recvfrom, fd, &answer, sizeof answer, MSG_DONTWAIT, 0, 0); /* answered within sendto */
  raw1(SYS_close, fd);
  if (n < (long)NLMSG_SPACE(sizeof(struct unix_diag_msg)) || answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return 0;
  for (long at = (long)NLMSG_SPACE(sizeof(struct unix_diag_msg)); at + (long)sizeof(struct nlattr) <= n;) {
    const struct nlattr *attribute = (const struct nlattr *)(answer.bytes + at);
    if (attribute->nla_type == UNIX_DIAG_PEER) peer = *(const uint32_t *)(attribute + 1);
    if (attribute->nla_len == 0) break;
    at += NLA_ALIGN(attribute->nla_len);
  }
  return peer;
}

/* What the kernel calls the file, cut to size - 1; "" if it does not say. */
static const char *target_of(int32_t fd, char *text, long size) {
  char path[64];
  long n = raw3(SYS_readlink, tine__path(path, "/proc/self/fd/", fd, ""), text, size - 1);
  text[n < 0 ? 0 : n] = 0;
  return text;
}

/* 1 with the kind set: a descriptor that needs a description of its own; 0: one that does not. */
static int classify(struct tine__descriptor *descriptor) {
  struct stat status;
  char target[64];
  int32_t fd = descriptor->fd;
  if (raw2(SYS_fstat, fd, &status) < 0) return 0;
  /* The terminal's three are shared on purpose, whatever they are: with positions of their own, processes that write
     to one log file would overwrite each other's lines. */
  if (fd <= 2) return 0;
  switch (status.st_mode & S_IFMT) {
    case S_IFREG:
      descriptor->kind = TINE__FILE;
      return 1;
    case S_IFSOCK:
      descriptor->kind = TINE__SOCKET;
      if (!is_connected(descriptor)) return 0;
      descriptor->value = status.st_ino;
      if (descriptor->domain == AF_UNIX) descriptor->peer = unix_peer(status.st_ino);
      return 1;
    case S_IFIFO: /* one with a name is opened by name by whom it concerns */
      descriptor->kind = TINE__PIPE;
      descriptor->value = status.st_ino;
      return tine__starts_with(target_of(fd, target, sizeof target), "pipe:[");
    case 0:
      target_of(fd, target, sizeof target);
      if (tine__starts_with(target, "anon_inode:[eventpoll]"))
        descriptor->kind = TINE__EPOLL;
      else if (tine__starts_with(target, "anon_inode:[eventfd]"))
        descriptor->kind = TINE__EVENTFD;
      else if (tine__starts_with(target, "anon_inode:inotify"))
        descriptor->kind = TINE__INOTIFY;
      else
        return 0;
      return 1;
    default:
      return 0;
  }
}

static int survey_one(int32_t fd, void *state) {
  struct tine__survey *survey = state;
  for (unsigned i = 0; i < sizeof survey->exempt / sizeof *survey->exempt; i++)
    if (fd == survey->exempt[i]) return 0;
  struct tine__descriptor descriptor = {.fd = fd, .successor = -1};
  survey->seen++;
  if (!classify(&descriptor)) return 0;
  long flags = raw2(SYS_fcntl, fd, F_GETFL);
  if (flags < 0) return (int)flags;
  if (flags & O_PATH) return 0;
  descriptor.flags = (int32_t)flags;
  descriptor.close_on_exec = (raw2(SYS_fcntl, fd, F_GETFD) & FD_CLOEXEC) != 0;
  int error = 0;
  if (descriptor.kind == TINE__FILE)
    descriptor.value = (uint64_t)raw3(SYS_lseek, fd, 0, SEEK_CUR);
  else if (descriptor.kind == TINE__EPOLL || descriptor.kind == TINE__EVENTFD)
    error = read_info(survey, &descriptor);
  if (error < 0) return error;
  error = grow((void **)&survey->descriptors, survey->count, &survey->capacity, sizeof *survey->descriptors);
  if (error < 0) return error;
  survey->descriptors[survey->count++] = descriptor;
  return 0;
}

static int is_write_end(const struct tine__descriptor *pipe) { return (pipe->flags & O_ACCMODE) == O_WRONLY; }

/* The first descriptor of this end, or of the other one, of a pipe; NULL: none. */
static struct tine__descriptor *end_of(struct tine__survey *survey, uint64_t inode, int write_end) {
  for (uint32_t i = 0; i < survey->count; i++) {
    struct tine__descriptor *d = &survey->descriptors[i];
    if (d->kind == TINE__PIPE && d->value == inode && is_write_end(d) == write_end) return d;
  }
  return NULL;
}

/*
 * A pipe with both ends in this process becomes two: the child's holds the same bytes. If the other end is elsewhere, in
 * a subprocess of the parent's for instance, the child gets an end that leads nowhere: it would take bytes that are
 * meant for the parent, or keep the subprocess from seeing the end of its input.
 *
 * The successors are made before the clone, while nobody can read: in the child, the parent would be reading already.
 */
static int make_successors(struct tine__survey *survey, struct tine__descriptor *pipe) {
  struct tine__descriptor *first = end_of(survey, pipe->value, is_write_end(pipe));
  if (first != pipe) return 0; /* a duplicate: follows the first one in the child */
  struct tine__descriptor *other = end_of(survey, pipe->value, !is_write_end(pipe));
  if (pipe->successor >= 0) return 0; /* made together with the other end */
  int32_t fds[2];
  int error = (int)raw2(SYS_pipe2, fds, O_CLOEXEC | (pipe->flags & O_DIRECT));
  if (error < 0) return error;
  int write_end = is_write_end(pipe);
  pipe->successor = fds[write_end];
  if (other == NULL) {
    raw1(SYS_close, fds[!write_end]);
  } else {
    other->successor = fds[!write_end];
    int32_t reader = write_end ? other->fd : pipe->fd;
    long size = raw2(SYS_fcntl, reader, F_GETPIPE_SZ);
    if (size > 0) {
      raw3(SYS_fcntl, fds[1], F_SETPIPE_SZ, size);
      raw4(SYS_tee, reader, fds[1], size, SPLICE_F_NONBLOCK); /* EAGAIN: it is empty */
    }
  }
  return 0;
}

int tine__survey_take(struct tine__survey *survey) {
  int error = tine__fault(TINE_STAGE_SURVEY);
  if (error < 0) return error;
  survey->count = survey->member_count = 0;
  survey->seen = 0;
  return tine__each_number("/proc/self/fd", -1, survey_one, survey);
}

/* The first descriptor of a socket. */
static struct tine__descriptor *socket_of(struct tine__survey *survey, uint64_t inode) {
  for (uint32_t i = 0; i < survey->count; i++) {
    struct tine__descriptor *d = &survey->descriptors[i];
    if ((d->kind == TINE__SOCKET || d->kind == TINE__PAIR) && d->domain == AF_UNIX && d->value == inode) return d;
  }
  return NULL;
}

/* Puts what waits to be read from `from` into `to`, and leaves it there. */
static void copy_pending(int32_t from, int32_t to) {
  static char bytes[1 << 18]; /* more than the kernel's default for a socket's buffer, 208 KiB */
  long n = raw6(SYS_recvfrom, from, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT, 0, 0);
  if (n > 0) raw6(SYS_sendto, to, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0);
}

static void copy_options(int32_t from, int32_t to) {
  static const int options[] = {SO_RCVTIMEO, SO_SNDTIMEO, SO_PASSCRED};
  for (unsigned i = 0; i < sizeof options / sizeof *options; i++) {
    char value[32];
    socklen_t size = sizeof value;
    if (raw5(SYS_getsockopt, from, SOL_SOCKET, options[i], value, &size) == 0)
      raw5(SYS_setsockopt, to, SOL_SOCKET, options[i], value, size);
  }
}

/* A socket pair with both ends here becomes two, like a pipe; java.nio's file watcher wakes its thread through one. */
static int make_pair(struct tine__survey *survey, struct tine__descriptor *end) {
  if (end->peer == 0 || end->type != SOCK_STREAM) return 0;
  struct tine__descriptor *other = socket_of(survey, end->peer);
  if (other == NULL) return 0;
  end->kind = TINE__PAIR;
  if (socket_of(survey, end->value) != end || end->successor >= 0) return 0; /* a duplicate, or made with the other end */
  int32_t fds[2];
  int error = (int)raw4(SYS_socketpair, AF_UNIX, end->type | SOCK_CLOEXEC, 0, fds);
  if (error < 0) return error;
  end->successor = fds[0];
  other->successor = fds[1];
  copy_options(end->fd, fds[0]);
  copy_options(other->fd, fds[1]);
  copy_pending(end->fd, fds[1]);
  copy_pending(other->fd, fds[0]);
  return 0;
}

int tine__survey_open_successors(struct tine__survey *survey) {
  int error = 0;
  for (uint32_t i = 0; error == 0 && i < survey->count; i++) {
    struct tine__descriptor *d = &survey->descriptors[i];
    if (d->kind == TINE__PIPE)
      error = make_successors(survey, d);
    else if (d->kind == TINE__PAIR || d->kind == TINE__SOCKET)
      error = make_pair(survey, d);
  }
  if (error < 0) tine__survey_close_successors(survey);
  return error;
}

void tine__survey_close_successors(struct tine__survey *survey) {
  for (uint32_t i = 0; i < survey->count; i++) {
    struct tine__descriptor *d = &survey->descriptors[i];
    if (d->successor < 0) continue;
    raw1(SYS_close, d->successor);
    d->successor = -1;
  }
}
