/* The child of tine_spawn(): from clone(2) to the program. */
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "fault.h"
#include "raw.h"
#include "spawn/spawn.h"
#include "text.h"

#define SIGNALS 64

/* The kernel's struct sigaction, which is not glibc's. */
struct disposition {
  void *handler;
  unsigned long flags;
  void *restorer;
  uint64_t mask;
};

static int reset_signals(const struct tine_spawn_request *request) {
  for (int signal = 1; signal <= SIGNALS; signal++) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    struct disposition fresh = {.handler = (void *)SIG_DFL}, old = {.handler = (void *)SIG_DFL};
    int keep_ignored = (request->kept_ignored >> (signal - 1)) & 1;
    if (keep_ignored) {
      raw4(SYS_rt_sigaction, signal, 0, &old, sizeof old.mask);
      if (old.handler == (void *)SIG_IGN) continue;
    }
    raw4(SYS_rt_sigaction, signal, &fresh, 0, sizeof fresh.mask);
  }
  return 0;
}

static int join_group(const struct tine_spawn_request *request) {
  if (request->options & TINE_SPAWN_NEW_SESSION) return (int)raw0(SYS_setsid);
  if (request->options & TINE_SPAWN_SET_GROUP) return (int)raw2(SYS_setpgid, 0, request->group);
  return 0;
}

/* First everything that is wanted leaves the numbers that are wanted: so files can change places. */
static int place_descriptors(const struct tine_spawn_request *request, int32_t *item) {
  const struct tine_placement *placed = request->placements;
  int count = request->placement_count;
  int32_t beyond = count > 0 ? placed[count - 1].target + 1 : 0;
  int32_t source[TINE_SPAWN_PLACEMENTS_MAX];
  if (count > TINE_SPAWN_PLACEMENTS_MAX) return -E2BIG;
  for (int i = 0; i < count; i++) {
    *item = placed[i].target;
    source[i] = placed[i].source;
    if (source[i] == placed[i].target || source[i] >= beyond) continue;
    source[i] = (int32_t)raw3(SYS_fcntl, source[i], F_DUPFD_CLOEXEC, beyond);
    if (source[i] < 0) return source[i];
  }
  for (int i = 0; i < count; i++) {
    *item = placed[i].target;
    /* dup3(2) refuses equal numbers; there the flag alone has to go. */
    long error = source[i] == placed[i].target ? raw3(SYS_fcntl, source[i], F_SETFD, 0)
                                               : raw3(SYS_dup3, source[i], placed[i].target, 0);
    if (error < 0) return (int)error;
  }
  *item = -1;
  return tine__spawn_close_others(request);
}

static int write_file(const char *path, const char *text, long size) {
  long fd = raw4(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
  if (fd < 0) return (int)fd;
  long n = raw3(SYS_write, fd, text, size);
  raw1(SYS_close, fd);
  return n < 0 ? (int)n : 0;
}

static int set_oom_score(const struct tine_spawn_request *request) {
  if (!(request->options & TINE_SPAWN_SET_OOM_SCORE)) return 0;
  char text[16], *p = text;
  int32_t score = request->oom_score_adj;
  if (score < 0) *p++ = '-';
  tine__path(p, "", score < 0 ? -(long)score : score, "");
  long size = 0;
  while (text[size]) size++;
  return write_file("/proc/self/oom_score_adj", text, size);
}

static int set_limits(const struct tine_spawn_request *request, int32_t *item) {
  for (int i = 0; i < request->limit_count; i++) {
    const struct tine_limit *limit = &request->limits[i];
    struct rlimit values = {limit->soft, limit->hard}; /* 64 bits each, as prlimit(2) has them */
    *item = limit->resource;
    long error = raw4(SYS_prlimit64, 0, limit->resource, &values, 0);
    if (error < 0) return (int)error;
  }
  *item = -1;
  return 0;
}

/* Groups first: without the user that may set them, they can no longer be set. */
static int change_user(const struct tine_spawn_request *request) {
  long error = 0;
  if (request->options & TINE_SPAWN_SET_GROUPS) error = raw2(SYS_setgroups, request->group_count, request->groups);
  if (error >= 0 && (request->options & TINE_SPAWN_SET_GID))
    error = raw3(SYS_setresgid, request->gid, request->gid, request->gid);
  if (error >= 0 && (request->options & TINE_SPAWN_SET_UID))
    error = raw3(SYS_setresuid, request->uid, request->uid, request->uid);
  return (int)error;
}

static int tie_to_parent(const struct tine__spawn *spawn) {
  int signal = spawn->request->death_signal;
  if (signal == 0) return 0;
  long error = raw2(SYS_prctl, PR_SET_PDEATHSIG, signal);
  /* After it is set, not before: a parent that died between the two would never be noticed. */
  if (error >= 0 && raw0(SYS_getppid) != spawn->parent) raw1(SYS_exit_group, 128 + signal);
  return (int)error;
}

/* As execvp(3): the first of the programs that can be run; if none can, why the most promising one cannot. */
static int run(const struct tine__spawn *spawn) {
  const struct tine_spawn_request *request = spawn->request;
  int denied = -1;
  for (int i = 0; request->programs[i] != NULL; i++) {
    const char *program = request->programs[i];
    spawn->result->item = i;
    long error = raw3(SYS_execve, program, request->arguments + 1, spawn->environment);
    if (error == -ENOEXEC) { /* a script without #! */
      request->arguments[0] = "/bin/sh";
      const char *name = request->arguments[1];
      request->arguments[1] = program;
      error = raw3(SYS_execve, "/bin/sh", request->arguments, spawn->environment);
      request->arguments[1] = name;
    }
    switch (error) {
      case -EACCES:
        if (denied < 0) denied = i;
        break;
      case -ENOENT:
      case -ENOTDIR:
      case -ESTALE:
      case -ENODEV:
      case -ETIMEDOUT:
        break;
      default:
        return (int)error;
    }
    if (request->programs[i + 1] == NULL) {
      if (denied < 0) return (int)error;
      spawn->result->item = denied;
      return -EACCES;
    }
  }
  return -ENOENT;
}

void tine__spawn_become(void *argument) {
  const struct tine__spawn *spawn = argument;
  const struct tine_spawn_request *request = spawn->request;
  struct tine_spawn_result *result = spawn->result;
  uint64_t none = 0;
  long error;
#define STEP(name, call)                                                                              \
  result->phase = TINE_SPAWN_##name;                                                                \
  if ((error = tine__fault(TINE_FAULT_SPAWN + TINE_SPAWN_##name)) < 0 || (error = (call)) < 0) goto failed
  STEP(SIGNALS, reset_signals(request));
  STEP(GROUP, join_group(request));
  STEP(DESCRIPTORS, place_descriptors(request, &result->item));
  if (request->options & TINE_SPAWN_SET_TERMINAL) {
    STEP(TERMINAL, raw3(SYS_ioctl, request->terminal, TIOCSCTTY, 0)); /* needs the session */
  }
  /* What the files below need is a number below the limit of descriptors, and perhaps the caller's user. */
  if (request->cgroup != NULL) {
    STEP(CGROUP, write_file(request->cgroup, "0", 1)); /* "0": whoever writes */
  }
  STEP(OOM_SCORE, set_oom_score(request));
  if (request->options & TINE_SPAWN_SET_NICE) {
    STEP(NICE, raw3(SYS_setpriority, PRIO_PROCESS, 0, request->nice));
  }
  STEP(LIMITS, set_limits(request, &result->item));
  STEP(USER, change_user(request));
  if (request->options & TINE_SPAWN_SET_UMASK) raw1(SYS_umask, request->umask);
  if (request->directory != NULL) {
    STEP(DIRECTORY, raw1(SYS_chdir, request->directory)); /* as the user who will work there */
  }
  STEP(DEATH_SIGNAL, tie_to_parent(spawn)); /* a change of user takes it away */
  STEP(SIGNALS, raw4(SYS_rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof none));
  result->item = 0;
  STEP(EXEC, run(spawn));
#undef STEP
failed:
  result->error = (int32_t)-error;
  raw1(SYS_exit_group, 127);
  __builtin_unreachable();
}
