/*
 * Writable memory that a child would share: what one process writes, the other reads, and neither knows of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "raw.h"
#include "survey/parts.h"
#include "text.h"

/* <linux/fs.h> of Linux 6.11. */
struct query {
  uint64_t size, flags, address;
  uint64_t begin, end, vma_flags, page_size, offset, inode;
  uint32_t major, minor, name_size, build_id_size;
  uint64_t name, build_id;
};
#define QUERY _IOWR('f', 17, struct query)
#define WRITABLE 0x02
#define SHARED 0x08
#define COVERING_OR_NEXT 0x10

struct mapping {
  uint64_t begin, end, device, inode;
  const char *name;
};

/* The JVM's own, which its children get one each of. */
static int is_known(const char *name) {
  for (; *name; name++)
    if (tine__starts_with(name, "/hsperfdata_")) return 1;
  return 0;
}

static int check(const struct tine__survey *survey, const struct mapping *mapping) {
  if (is_known(mapping->name)) return 0;
  for (int32_t i = 0; i < survey->mapped_count; i++)
    if (survey->mapped[i].inode == mapping->inode && survey->mapped[i].device == mapping->device) return 0;
  struct tine_refusal *refusal = survey->refusal;
  refusal->reason = TINE_REFUSAL_SHARED_MAPPING;
  refusal->fd = -1;
  refusal->begin = mapping->begin;
  refusal->end = mapping->end;
  int i = 0;
  for (; mapping->name[i] && i < TINE_REFUSAL_NAME_MAX - 1; i++) refusal->name[i] = mapping->name[i];
  refusal->name[i] = 0;
  return -EOPNOTSUPP;
}

/* The kernel looks for them: 20 us for the 200 mappings of a JVM, and to read the list as text takes 120. */
static int ask(const struct tine__survey *survey, long maps) {
  static char name[4096 + 16]; /* " (deleted)" */
  struct query query = {.size = sizeof query};
  for (;;) {
    query.flags = WRITABLE | SHARED | COVERING_OR_NEXT;
    query.address = query.end;
    query.name = (uintptr_t)name;
    query.name_size = sizeof name;
    query.build_id_size = 0;
    long error = raw3(SYS_ioctl, maps, QUERY, &query);
    if (error == -ENOENT) return 0;
    if (error < 0) return (int)error;
    struct mapping mapping = {query.begin, query.end, makedev(query.major, query.minor), query.inode,
                              query.name_size > 0 ? name : ""};
    error = check(survey, &mapping);
    if (error < 0) return (int)error;
  }
}

/* "7f0b1c000000-7f0b1c021000 rw-s 00000000 00:01 2056      /dev/zero (deleted)" */
static int check_line(const struct tine__survey *survey, const char *line) {
  const char *at;
  struct mapping mapping;
  mapping.begin = tine__number(line, 16, &at);
  mapping.end = tine__number(at + 1, 16, &at);
  if (at[2] != 'w' || at[4] != 's') return 0;
  tine__number(at + 5, 16, &at); /* offset */
  unsigned high = (unsigned)tine__number(at, 16, &at);
  mapping.device = makedev(high, (unsigned)tine__number(at + 1, 16, &at));
  mapping.inode = tine__number(at, 10, &at);
  while (*at == ' ') at++;
  mapping.name = at;
  return check(survey, &mapping);
}

static int read_text(const struct tine__survey *survey, long maps) {
  static char text[16384];
  long held = 0, n;
  while ((n = raw3(SYS_read, maps, text + held, (long)sizeof text - held)) > 0) {
    held += n;
    long begin = 0;
    for (long i = 0; i < held; i++) {
      if (text[i] != '\n') continue;
      text[i] = 0;
      int error = check_line(survey, text + begin);
      if (error < 0) return error;
      begin = i + 1;
    }
    for (long i = begin; i < held; i++) text[i - begin] = text[i];
    held -= begin;
  }
  return (int)n;
}

int tine__mappings_check(const struct tine__survey *survey) {
  if (survey->relaxed & 1u << TINE_REFUSAL_SHARED_MAPPING) return 0;
  long maps = raw4(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
  if (maps < 0) return (int)maps;
  int error = ask(survey, maps);
  if (error == -ENOTTY) error = read_text(survey, maps);
  raw1(SYS_close, maps);
  return error;
}
