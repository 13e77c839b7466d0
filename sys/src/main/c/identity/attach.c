/*
 * The socket that jcmd and its kind connect to, /tmp/.java_pidPID. HotSpot makes it when the first of them comes. A child
 * that shares it would take the parent's callers, and by its exit shut the socket down and delete its name.
 *
 * The child gets a socket of its own under its own name on the same number, so the thread that accepts goes on there. The
 * name that HotSpot deletes at exit is overwritten in place.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "identity/parts.h"
#include "numbers.h"
#include "park/park.h"
#include "raw.h"
#include "text.h"

#define PREFIX "/tmp/.java_pid"
/* HotSpot binds to this name and renames the file: the kernel goes on telling it. */
#define SUFFIX ".tmp"
#define THREAD_NAME "Attach Listener"
#define BACKLOG 5 /* HotSpot's */
/* Looks before a thread that has the name, but no socket, is taken for a stranger. */
#define LOOKS 8

static struct tine__vm jvm;
static int32_t listener = -1; /* the number; -1: nobody has attached */
static char *name;            /* the one that HotSpot remembers */
static int looked;            /* in vain, since something was found or nobody was there */

struct address {
  struct sockaddr_un name;
  socklen_t size;
};

void tine__attach_find(const struct tine__vm *vm) { jvm = *vm; }

static char *socket_name(char *text, const char *suffix) {
  return tine__path(text, PREFIX, raw0(SYS_getpid), suffix);
}

static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

static int is_listener(int32_t fd) {
  struct address address = {.size = sizeof address.name};
  char expected[64];
  if (raw3(SYS_getsockname, fd, &address.name, &address.size) < 0 || address.name.sun_family != AF_UNIX) return 0;
  if (address.size < sizeof address.name) ((char *)&address.name)[address.size] = 0;
  return same(address.name.sun_path, socket_name(expected, SUFFIX));
}

static int visit(int32_t fd, void *state) {
  if (*(int32_t *)state < 0 && is_listener(fd)) *(int32_t *)state = fd;
  return 0;
}

/* The name among HotSpot's static variables, where nothing but that one begins and ends like it. */
static char *find_name(void) {
  char expected[64];
  socket_name(expected, "");
  for (int i = 0; i < jvm.data_count; i++)
    for (char *p = jvm.data[i].begin; p + sizeof expected <= jvm.data[i].end; p += sizeof(void *))
      if (*p == '/' && same(p, expected)) return p;
  return NULL;
}

static int has_listening_thread(void) {
  for (const struct tine__thread *t = atomic_load(&tine__parked); t != NULL; t = t->next)
    if (same(t->name, THREAD_NAME)) return 1;
  return 0;
}

int tine__attach_survey(void) {
  if (jvm.data_count == 0 || !has_listening_thread()) { /* it has ended, if it ever was: so has its socket */
    listener = -1;
    looked = 0;
    return 0;
  }
  if (listener < 0 || !is_listener(listener)) {
    listener = -1;
    int error = tine__each_number("/proc/self/fd", -1, visit, &listener);
    if (error < 0) return error;
  }
  char expected[64];
  if (name == NULL || !same(name, socket_name(expected, ""))) name = listener < 0 ? NULL : find_name();
  if (listener >= 0 && name != NULL) {
    looked = 0;
    return 0;
  }
  /* The thread is on its way to make the socket: as it has asked for the pid already, in the child it would make that
     of the parent. */
  if (looked++ < LOOKS) return -EAGAIN;
  return listener < 0 ? 0 : -ENOTSUP;
}

/* Puts fd in the place of the parent's socket. HotSpot's is not closed on exec. */
static int replace(long fd) {
  if (fd < 0) return (int)fd;
  long flags = raw2(SYS_fcntl, listener, F_GETFD);
  long error = raw3(SYS_dup3, fd, listener, flags > 0 && (flags & FD_CLOEXEC) ? O_CLOEXEC : 0);
  raw1(SYS_close, fd);
  return error < 0 ? (int)error : 0;
}

/* A socket that listens under the name of this process; < 0: none. */
static long make_socket(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char path[64];
  long fd = raw3(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  socket_name(address.sun_path, SUFFIX);
  raw3(SYS_unlinkat, AT_FDCWD, address.sun_path, 0);
  long error = raw3(SYS_bind, fd, &address, sizeof address);
  if (error == 0) {
    /* Renamed last: who finds the name can connect. */
    error = raw2(SYS_listen, fd, BACKLOG);
    if (error == 0) error = raw3(SYS_fchmodat, AT_FDCWD, address.sun_path, S_IRUSR | S_IWUSR);
    if (error == 0)
      error = raw5(SYS_fchownat, AT_FDCWD, address.sun_path, raw0(SYS_geteuid), raw0(SYS_getegid), 0);
    if (error == 0) error = raw4(SYS_renameat, AT_FDCWD, address.sun_path, AT_FDCWD, socket_name(path, ""));
    if (error < 0) raw3(SYS_unlinkat, AT_FDCWD, address.sun_path, 0);
  }
  if (error == 0) return fd;
  raw1(SYS_close, fd);
  return error;
}

int tine__attach_become(int with_threads) {
  char path[64];
  if (listener < 0) {
    /* Left by a process that had this pid and was killed: HotSpot removes it when it starts, and a tool that found it
       would not ask the child to make its own. */
    if (with_threads) raw3(SYS_unlinkat, AT_FDCWD, socket_name(path, ""), 0);
    return 0;
  }
  long fd = with_threads ? make_socket() : -1;
  if (fd >= 0) {
    socket_name(name, "");
    return replace(fd);
  }
  /* No place for a name, or a mold: a socket that does not listen. The accepting thread of a child fails then and ends,
     and the next tool makes HotSpot try anew. */
  if (with_threads) *name = 0;
  return replace(raw3(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

void tine__attach_leave(void) {
  char path[64];
  /* The name is the parent's until this process has a socket of its own. */
  if (name != NULL && same(name, socket_name(path, ""))) raw3(SYS_unlinkat, AT_FDCWD, path, 0);
}
