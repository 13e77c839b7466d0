/*
 * The file of HotSpot's performance counters, /tmp/hsperfdata_USER/PID, by which jps and jstat find a JVM. It is a
 * mapping that a child would share: both would count in it, and the first to exit would delete it.
 *
 * The child gets a file of its own, with the same counts, at the same address. HotSpot deletes it when the child exits
 * by the name it remembers, which is overwritten in place: there is room for any pid in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "identity/parts.h"
#include "raw.h"
#include "text.h"

#define DIRECTORY_PREFIX "/tmp/hsperfdata_"
#define NAME_MAX_LENGTH 255

static char *memory; /* NULL: there is no such file; HotSpot may have been told so */
static size_t memory_size;
static char *name; /* the one that HotSpot remembers */
static char directory[NAME_MAX_LENGTH + 1];
static char number[24]; /* of the child, its file's name in the directory */

/* Whether the mapping that begins at `address` is a file of counters that is shared. */
static int is_shared_file(const char *address) {
  char *line = NULL;
  size_t capacity = 0;
  int found = 0;
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) return 0;
  while (!found && getline(&line, &capacity, maps) > 0) {
    char *end;
    found = (char *)strtoul(line, &end, 16) == address && strstr(end, " rw-s ") != NULL &&
            strstr(end, "/hsperfdata_") != NULL;
  }
  free(line);
  fclose(maps);
  return found;
}

/* Whether text is the name of this process's file. */
static int is_name(const char *text) {
  size_t length = strnlen(text, NAME_MAX_LENGTH);
  if (length == NAME_MAX_LENGTH || strncmp(text, DIRECTORY_PREFIX, strlen(DIRECTORY_PREFIX)) != 0) return 0;
  char pid[24];
  tine__path(pid, "/", getpid(), "");
  const char *last = strrchr(text, '/');
  return last != NULL && strcmp(last, pid) == 0;
}

/*
 * The name is a private variable of HotSpot's, a pointer to memory of malloc's. Among its variables only one points to
 * this text. Others may hold any number: memory is read through a file, which fails where there is none.
 */
static char *find_name(const struct tine__vm *vm) {
  int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  char *found = NULL;
  for (int i = 0; i < vm->data_count && found == NULL; i++) {
    for (char **variable = (char **)vm->data[i].begin; (char *)(variable + 1) <= vm->data[i].end; variable++) {
      char *candidate = *variable;
      if ((uintptr_t)candidate % sizeof(char *) != 0 || (uintptr_t)candidate < 4096 || (intptr_t)candidate < 0 ||
          (candidate >= vm->image.begin && candidate < vm->image.end))
        continue;
      char text[NAME_MAX_LENGTH + 1] = {0};
      if (pread(fd, text, NAME_MAX_LENGTH, (off_t)(uintptr_t)candidate) > 0 && is_name(text)) {
        found = candidate;
        break;
      }
    }
  }
  close(fd);
  return found;
}

int tine__perfdata_find(const struct tine__vm *vm) {
  intptr_t start_at = tine__vm_field(vm, "PerfMemory", "_start");
  intptr_t capacity_at = tine__vm_field(vm, "PerfMemory", "_capacity");
  if (start_at == -1 || capacity_at == -1) return -ENOSYS;
  char *start = *(char **)start_at;
  if (start == NULL || !is_shared_file(start)) return 0; /* -XX:-UsePerfData, -XX:+PerfDisableSharedMem */
  name = find_name(vm);
  if (name == NULL) return -ENOENT;
  memory_size = *(size_t *)capacity_at;
  memcpy(directory, name, (size_t)(strrchr(name, '/') - name));
  memory = start;
  return 0;
}

/* As HotSpot asks for: nobody else can put a link there for us to follow. */
static int is_secure_directory(long fd) {
  struct stat status;
  if (fd < 0 || raw4(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) < 0) return 0;
  uid_t user = (uid_t)raw0(SYS_geteuid);
  return S_ISDIR(status.st_mode) && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 && (user == 0 || status.st_uid == user);
}

/* Fills the file with what is in memory. With real bytes: a page that has no place on the disk would kill the process
   at the first count. */
static int fill(long fd) {
  if (raw2(SYS_ftruncate, fd, 0) < 0) return 0;
  size_t done = 0;
  while (done < memory_size) {
    long n = raw3(SYS_write, fd, memory + done, memory_size - done);
    if (n <= 0) return 0;
    done += (size_t)n;
  }
  return 1;
}

/* The child's file, locked against JVMs of other containers that share the directory, as HotSpot does; < 0: none. */
static long make_file(void) {
  raw3(SYS_mkdirat, AT_FDCWD, directory, S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH); /* it is there as a rule */
  long parent = raw4(SYS_openat, AT_FDCWD, directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
  if (!is_secure_directory(parent)) {
    if (parent >= 0) raw1(SYS_close, parent);
    return -1;
  }
  tine__path(number, "", raw0(SYS_getpid), "");
  long fd = raw4(SYS_openat, parent, number, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  struct stat status;
  int usable = fd >= 0 && raw4(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) == 0 && status.st_nlink <= 1 &&
               S_ISREG(status.st_mode) && raw2(SYS_flock, fd, LOCK_EX | LOCK_NB) == 0;
  /* Only one that could be locked is ours to delete: another one is in use by a JVM that has this pid elsewhere. */
  if (usable && !fill(fd)) {
    raw3(SYS_unlinkat, parent, number, 0);
    usable = 0;
  }
  raw1(SYS_close, parent);
  if (usable) return fd;
  if (fd >= 0) raw1(SYS_close, fd);
  return -1;
}

/* Memory that nobody shares in place of the file, with the same counts. */
static int own_memory(void) {
  long copy = raw6(SYS_mmap, 0, memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy < 0 && copy > -4096) return (int)copy;
  uint64_t *to = (uint64_t *)copy, *from = (uint64_t *)memory;
  for (size_t i = 0; i < memory_size / sizeof *to; i++) to[i] = from[i];
  long error = raw5(SYS_mremap, copy, memory_size, memory_size, MREMAP_MAYMOVE | MREMAP_FIXED, memory);
  return error < 0 && error > -4096 ? (int)error : 0;
}

int tine__perfdata_become(int with_threads) {
  if (memory == NULL) return 0;
  long fd = with_threads ? make_file() : -1;
  if (fd < 0) {
    /* Not listed by jps then, as a JVM that cannot make its file when it starts. And nothing to delete at exit. */
    int error = own_memory();
    if (error == 0 && with_threads) *name = 0;
    return error;
  }
  /* The name first: with the mapping in place and the old name, a child that dies in between would delete the file of
     its parent. */
  char *end = name;
  for (const char *p = directory; *p; p++) *end++ = *p;
  *end++ = '/';
  for (const char *p = number; *p; p++) *end++ = *p;
  *end = 0;
  long error = raw6(SYS_mmap, memory, memory_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
  raw1(SYS_close, fd); /* the mapping keeps file and lock */
  return error < 0 && error > -4096 ? (int)error : 0;
}

void tine__perfdata_leave(void) {
  if (memory == NULL) return;
  /* The name is the parent's until this process has a file of its own. */
  char own[24];
  tine__path(own, "/", raw0(SYS_getpid), "");
  const char *last = name;
  for (const char *p = name; *p; p++)
    if (*p == '/') last = p;
  for (const char *p = own; *p; p++, last++)
    if (*last != *p) return;
  if (*last == 0) raw3(SYS_unlinkat, AT_FDCWD, name, 0);
}
