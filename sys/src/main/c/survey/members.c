/*
 * Which file a member of an epoll set is.
 *
 * The set knows a member by its file and the number that it was added by. The number may have been closed since, and
 * taken by another file, while a duplicate keeps the first alive: then the set goes on reporting it. So does a child's.
 */
#include <errno.h>
#include <linux/kcmp.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "raw.h"
#include "survey/parts.h"

/*
 * Is (file of this number, this number) in the set? Asked by adding it: EEXIST. kcmp(2) would tell as well, but walks
 * the whole set for each member, and is denied in many containers. A file that was no member is taken out again before
 * anybody runs.
 */
static int is_member(int32_t set, int32_t fd) {
  struct epoll_event event = {0};
  long error = raw4(SYS_epoll_ctl, set, EPOLL_CTL_ADD, fd, &event);
  if (error == 0) raw4(SYS_epoll_ctl, set, EPOLL_CTL_DEL, fd, &event);
  return error == -EEXIST;
}

static int grow_stamps(struct tine__survey *survey, int32_t fd) {
  while (survey->stamp_capacity <= (uint32_t)fd) {
    int error = tine__grow((void **)&survey->stamps, survey->stamp_capacity, &survey->stamp_capacity, sizeof(uint32_t));
    if (error < 0) return error;
  }
  return 0;
}

int tine__member_add(struct tine__survey *survey, struct tine__descriptor *set, struct tine__member member) {
  int error = tine__grow((void **)&survey->members, survey->member_count, &survey->member_capacity, sizeof member);
  if (error == 0) error = grow_stamps(survey, member.fd);
  if (error < 0) return error;
  uint32_t stamp = (uint32_t)(set - survey->descriptors) + 1;
  if (survey->stamps[member.fd] == stamp) {
    /* Two files under one number: which of them it names now is a question for kcmp, about both. */
    for (uint32_t i = set->members.first; i < survey->member_count; i++)
      if (survey->members[i].fd == member.fd) survey->members[i].via = -1;
  } else if (is_member(set->fd, member.fd)) {
    member.via = member.fd;
  }
  survey->stamps[member.fd] = stamp;
  survey->members[survey->member_count++] = member;
  set->members.count++;
  return 0;
}

/* The kernel's dev_t, as fdinfo has it, as stat(2) has it. */
static uint64_t stat_device(uint32_t device) {
  uint32_t major = device >> 20, minor = device & 0xfffff;
  return (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12);
}

/* Is the member the file of this number? */
static int is_file(const struct tine__member *member, int32_t set, uint32_t earlier, int32_t fd) {
  struct stat status;
  if (raw2(SYS_fstat, fd, &status) < 0) return 0;
  if (status.st_ino != member->inode || status.st_dev != stat_device(member->device)) return 0;
  struct kcmp_epoll_slot slot = {.efd = (uint32_t)set, .tfd = (uint32_t)member->fd, .toff = earlier};
  long pid = raw0(SYS_getpid);
  long order = raw5(SYS_kcmp, pid, pid, KCMP_EPOLL_TFD, fd, &slot);
  /* Without kcmp the inode decides, which nameless files have in common. */
  return order >= 0 ? order == 0 : (status.st_mode & S_IFMT) != 0;
}

static void find(const struct tine__survey *survey, const struct tine__descriptor *set, struct tine__member *member) {
  uint32_t earlier = 0; /* members of this set with the same number: KCMP_EPOLL_TFD counts them */
  for (const struct tine__member *m = &survey->members[set->members.first]; m < member; m++)
    if (m->fd == member->fd) earlier++;
  /* Its own number first: with two files under it, one of them may well be there. */
  if (is_file(member, set->fd, earlier, member->fd)) {
    member->via = member->fd;
    return;
  }
  for (uint32_t i = 0; i < survey->count && member->via < 0; i++) {
    const struct tine__descriptor *d = &survey->descriptors[i];
    if (d->inode == member->inode && is_file(member, set->fd, earlier, d->fd)) member->via = d->fd;
  }
}

void tine__members_find(struct tine__survey *survey) {
  for (uint32_t i = 0; i < survey->count; i++) {
    const struct tine__descriptor *set = &survey->descriptors[i];
    if (set->kind != TINE_KIND_EPOLL || set->original >= 0) continue;
    for (uint32_t j = 0; j < set->members.count; j++) {
      struct tine__member *member = &survey->members[set->members.first + j];
      if (member->via < 0) find(survey, set, member);
    }
  }
}
