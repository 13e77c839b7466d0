#include "survey/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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

/* 1 with the kind in *kind: a descriptor that needs a description of its own; 0: one that does not. */
static int classify(int32_t fd, uint8_t *kind) {
  struct stat status;
  if (raw2(SYS_fstat, fd, &status) < 0) return 0;
  if (S_ISREG(status.st_mode)) {
    *kind = TINE__FILE;
    /* The terminal's three are shared on purpose: with positions of their own, processes that write to one log file
       would overwrite each other's lines. */
    return fd > 2;
  }
  if ((status.st_mode & S_IFMT) != 0) return 0;
  char path[64], target[64];
  long n = raw3(SYS_readlink, tine__path(path, "/proc/self/fd/", fd, ""), target, sizeof target - 1);
  if (n < 0) return 0;
  target[n] = 0;
  if (tine__starts_with(target, "anon_inode:[eventpoll]"))
    *kind = TINE__EPOLL;
  else if (tine__starts_with(target, "anon_inode:[eventfd]"))
    *kind = TINE__EVENTFD;
  else
    return 0;
  return 1;
}

static int survey_one(int32_t fd, void *state) {
  struct tine__survey *survey = state;
  struct tine__descriptor descriptor = {.fd = fd};
  survey->seen++;
  if (!classify(fd, &descriptor.kind)) return 0;
  long flags = raw2(SYS_fcntl, fd, F_GETFL);
  if (flags < 0) return (int)flags;
  if (flags & O_PATH) return 0;
  descriptor.flags = (int32_t)flags;
  descriptor.close_on_exec = (raw2(SYS_fcntl, fd, F_GETFD) & FD_CLOEXEC) != 0;
  int error = 0;
  if (descriptor.kind == TINE__FILE)
    descriptor.value = (uint64_t)raw3(SYS_lseek, fd, 0, SEEK_CUR);
  else
    error = read_info(survey, &descriptor);
  if (error < 0) return error;
  error = grow((void **)&survey->descriptors, survey->count, &survey->capacity, sizeof *survey->descriptors);
  if (error < 0) return error;
  survey->descriptors[survey->count++] = descriptor;
  return 0;
}

int tine__survey_take(struct tine__survey *survey) {
  int error = tine__fault(TINE_STAGE_SURVEY);
  if (error < 0) return error;
  survey->count = survey->member_count = 0;
  survey->seen = 0;
  return tine__each_number("/proc/self/fd", -1, survey_one, survey);
}
