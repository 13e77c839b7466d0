#include "survey/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "fault.h"
#include "numbers.h"
#include "raw.h"
#include "survey/parts.h"

int tine__grow(void **array, uint32_t count, uint32_t *capacity, size_t item) {
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

/* Did the caller ask to leave it shared? A number that was closed and taken by another file since was not meant. */
static int is_kept(const struct tine__survey *survey, const struct tine__descriptor *d) {
  int32_t low = 0, high = survey->kept_count;
  while (low < high) {
    int32_t middle = (low + high) / 2;
    const struct tine_file *kept = &survey->kept[middle];
    if (kept->fd == d->fd) return kept->device == d->device && kept->inode == d->inode;
    if (kept->fd < d->fd)
      low = middle + 1;
    else
      high = middle;
  }
  return 0;
}

static int refuse(const struct tine__survey *survey, const struct tine__descriptor *d) {
  int32_t reason = tine__kind_refusal(d->kind);
  if (survey->relaxed & 1u << reason) return 0;
  *survey->refusal = (struct tine_refusal){.reason = reason, .fd = d->fd};
  return -EOPNOTSUPP;
}

static int survey_one(int32_t fd, void *state) {
  struct tine__survey *survey = state;
  for (unsigned i = 0; i < sizeof survey->exempt / sizeof *survey->exempt; i++)
    if (fd == survey->exempt[i]) return 0;
  struct tine__descriptor d = {.fd = fd, .original = -1, .successor = -1};
  if (!tine__kind(survey, &d)) return 0;
  if (survey->kept_count > 0 && is_kept(survey, &d)) d.fate = TINE__SHARED;
  if (d.fate == TINE__REFUSED) {
    int error = survey->refusal == NULL ? 0 : refuse(survey, &d);
    if (error < 0) return error;
    d.fate = TINE__SHARED;
  }
  int error = tine__grow((void **)&survey->descriptors, survey->count, &survey->capacity, sizeof d);
  if (error < 0) return error;
  survey->descriptors[survey->count++] = d;
  return 0;
}

/* O_PATH: such a descriptor is no part of the survey. */
static long open_directory(const char *path) {
  return raw4(SYS_openat, AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
}

static int walk(struct tine__survey *survey) {
  survey->count = survey->member_count = 0;
  survey->fd_directory = open_directory("/proc/self/fd");
  if (survey->fd_directory < 0) return (int)survey->fd_directory;
  int error = tine__each_number("/proc/self/fd", -1, survey_one, survey);
  raw1(SYS_close, survey->fd_directory);
  return error;
}

/* With one path to walk instead of thousands. */
static int inform(struct tine__survey *survey) {
  survey->info_directory = open_directory("/proc/self/fdinfo");
  if (survey->info_directory < 0) return (int)survey->info_directory;
  for (uint32_t i = 0; i < survey->stamp_capacity; i++) survey->stamps[i] = 0;
  int error = 0;
  for (uint32_t i = 0; error == 0 && i < survey->count; i++) error = tine__info(survey, &survey->descriptors[i]);
  raw1(SYS_close, survey->info_directory);
  return error;
}

int tine__survey_take(struct tine__survey *survey) {
  int error = tine__fault(TINE_STAGE_SURVEY);
  if (error == 0) error = walk(survey);
  if (error == 0) error = tine__mappings_check(survey);
  if (error == 0) error = inform(survey);
  if (error == 0) error = tine__places(survey);
  if (error < 0) return error;
  tine__aliases(survey);
  tine__members_find(survey);
  tine__pairs_find(survey);
  return 0;
}

int tine__survey_list(struct tine__survey *survey) {
  int error = walk(survey);
  for (uint32_t i = 0; i < survey->count; i++) {
    struct tine__descriptor *d = &survey->descriptors[i];
    d->key = tine__mix(d->device, d->inode);
  }
  if (error == 0) error = tine__places(survey);
  if (error == 0) tine__pairs_find(survey);
  return error;
}

const struct tine__descriptor *tine__survey_find(const struct tine__survey *survey, int32_t fd) {
  uint32_t low = 0, high = survey->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (survey->descriptors[middle].fd < fd)
      low = middle + 1;
    else
      high = middle;
  }
  return low < survey->count && survey->descriptors[low].fd == fd ? &survey->descriptors[low] : NULL;
}
