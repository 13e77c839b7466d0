/*
 * Pipes and socket pairs for a child, with the same bytes in them.
 *
 * One with both ends in this process becomes two. If the other end is elsewhere, in a subprocess of the parent's for
 * instance, the child gets an end that leads nowhere: it would take bytes that are meant for the parent, or keep the
 * subprocess from seeing the end of its input.
 *
 * They are made before the clone, while nobody can read: in the child, the parent would be reading already.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "raw.h"
#include "survey/parts.h"

static int is_write_end(const struct tine__descriptor *pipe) { return (pipe->flags & O_ACCMODE) == O_WRONLY; }

/* The first descriptor of the other end of a pipe that is not left to the parent; NULL: none. */
static struct tine__descriptor *other_end(struct tine__survey *survey, const struct tine__descriptor *pipe) {
  struct tine__descriptor *d = tine__with_key(survey, pipe->key);
  for (; d != NULL; d = tine__next_with_key(survey, d))
    if (d->kind == TINE_KIND_PIPE && d->fate == TINE__OWN && d->original < 0 && d->successor < 0 &&
        is_write_end(d) != is_write_end(pipe))
      return d;
  return NULL;
}

/* An end that was made by open("/proc/self/fd/N"), beside another: a description of its own, of the same pipe. */
static struct tine__descriptor *twin(struct tine__survey *survey, const struct tine__descriptor *pipe) {
  struct tine__descriptor *d = tine__with_key(survey, pipe->key);
  for (; d != NULL; d = tine__next_with_key(survey, d))
    if (d != pipe && d->kind == TINE_KIND_PIPE && d->successor >= 0 && is_write_end(d) == is_write_end(pipe)) return d;
  return NULL;
}

static int make_pipe(struct tine__survey *survey, struct tine__descriptor *pipe) {
  if (pipe->successor >= 0) return 0; /* made together with the other end */
  const struct tine__descriptor *like = twin(survey, pipe);
  if (like != NULL) {
    pipe->successor = (int32_t)raw3(SYS_fcntl, like->successor, F_DUPFD_CLOEXEC, 0);
    return pipe->successor < 0 ? pipe->successor : 0;
  }
  struct tine__descriptor *other = other_end(survey, pipe);
  int32_t fds[2];
  int error = (int)raw2(SYS_pipe2, fds, O_CLOEXEC | (pipe->flags & O_DIRECT));
  if (error < 0) return error;
  int write_end = is_write_end(pipe);
  pipe->successor = fds[write_end];
  if (other == NULL) {
    raw1(SYS_close, fds[!write_end]);
    return 0;
  }
  other->successor = fds[!write_end];
  int32_t reader = write_end ? other->fd : pipe->fd;
  long size = raw2(SYS_fcntl, reader, F_GETPIPE_SZ);
  if (size <= 0) return (int)size;
  /* Beyond a limit of the user's, a pipe keeps its usual size; it is too small only if there is more in it. */
  raw3(SYS_fcntl, fds[1], F_SETPIPE_SZ, size);
  long copied = raw4(SYS_tee, reader, fds[1], size, SPLICE_F_NONBLOCK);
  return copied < 0 && copied != -EAGAIN ? (int)copied : 0; /* EAGAIN: it is empty */
}

/* Memory for what is copied; kept for the next time. */
static char *buffer;
static long buffer_size;

static int make_buffer(long size) {
  if (size <= buffer_size) return 0;
  if (buffer != NULL) raw2(SYS_munmap, buffer, buffer_size);
  buffer = NULL;
  buffer_size = 0;
  long memory = raw6(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory < 0 && memory > -4096) return (int)memory;
  buffer = (char *)memory;
  buffer_size = size;
  return 0;
}

static int32_t option(int32_t fd, int name) {
  int32_t value = 0;
  socklen_t size = sizeof value;
  raw5(SYS_getsockopt, fd, SOL_SOCKET, name, &value, &size);
  return value;
}

static void set_option(int32_t fd, int name, int32_t value) {
  raw5(SYS_setsockopt, fd, SOL_SOCKET, name, &value, sizeof value);
}

/* Like the original: buffers too, which may hold more than new ones do. */
static void copy_options(int32_t from, int32_t to) {
  static const int options[] = {SO_RCVTIMEO, SO_SNDTIMEO, SO_PASSCRED};
  for (unsigned i = 0; i < sizeof options / sizeof *options; i++) {
    char value[32];
    socklen_t size = sizeof value;
    if (raw5(SYS_getsockopt, from, SOL_SOCKET, options[i], value, &size) == 0)
      raw5(SYS_setsockopt, to, SOL_SOCKET, options[i], value, size);
  }
  if (option(from, SO_SNDBUF) > option(to, SO_SNDBUF)) {
    set_option(to, SO_SNDBUF, option(from, SO_SNDBUF) / 2); /* the kernel doubles what it is given */
    if (option(from, SO_SNDBUF) > option(to, SO_SNDBUF)) set_option(to, SO_SNDBUFFORCE, option(from, SO_SNDBUF) / 2);
  }
}

/*
 * Puts what waits to be read from `end` into `to`, and leaves it there. With SO_PEEK_OFF, a look begins where the last
 * one ended; messages keep their limits. Descriptors that are under way in a message are lost.
 */
static int copy_pending(const struct tine__descriptor *end, int32_t to) {
  int32_t before = option(end->fd, SO_PEEK_OFF);
  set_option(end->fd, SO_PEEK_OFF, 0);
  int error = 0;
  while (error == 0) {
    long n = raw6(SYS_recvfrom, end->fd, buffer, buffer_size, MSG_PEEK | MSG_DONTWAIT, 0, 0);
    if (n == -EAGAIN) break;
    /* Nothing: the end of a stream, or of what was shut down; else it is a message without content. */
    if (n == 0 && (end->socket.type == SOCK_STREAM || end->socket.shutdown & 1)) break;
    long sent = n < 0 ? n : raw6(SYS_sendto, to, buffer, n, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0);
    error = sent < 0 ? (int)sent : sent < n ? -ENOBUFS : 0;
  }
  set_option(end->fd, SO_PEEK_OFF, before);
  return error;
}

static void shut(const struct tine__descriptor *end) {
  if (end->socket.shutdown == 0) return;
  raw2(SYS_shutdown, end->successor, end->socket.shutdown == 3 ? SHUT_RDWR : end->socket.shutdown == 2 ? SHUT_WR : SHUT_RD);
}

static int make_pair(struct tine__survey *survey, struct tine__descriptor *end) {
  if (end->successor >= 0) return 0; /* made together with the other end */
  struct tine__descriptor *other = tine__with_key(survey, tine__mix(end->device, end->socket.peer));
  if (other == NULL) return -EPROTO; /* a pair by definition */
  int32_t fds[2];
  int error = (int)raw4(SYS_socketpair, AF_UNIX, end->socket.type | SOCK_CLOEXEC, 0, fds);
  if (error < 0) return error;
  end->successor = fds[0];
  other->successor = fds[1];
  copy_options(end->fd, fds[0]);
  copy_options(other->fd, fds[1]);
  long longest = option(end->fd, SO_SNDBUF) + option(other->fd, SO_SNDBUF);
  error = make_buffer(longest < 1 << 18 ? 1 << 18 : longest);
  if (error == 0) error = copy_pending(end, fds[1]);
  if (error == 0) error = copy_pending(other, fds[0]);
  shut(end);
  shut(other);
  return error;
}

int tine__survey_open_successors(struct tine__survey *survey) {
  int error = 0;
  for (uint32_t i = 0; error == 0 && i < survey->count; i++) {
    struct tine__descriptor *d = &survey->descriptors[i];
    if (d->fate != TINE__OWN || d->original >= 0) continue;
    if (d->kind == TINE_KIND_PIPE)
      error = make_pipe(survey, d);
    else if (d->kind == TINE_KIND_SOCKET_PAIR)
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
