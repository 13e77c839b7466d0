#include "child/child.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "fault.h"
#include "identity/identity.h"
#include "loader.h"
#include "raw.h"
#include "title.h"

/* The one exit: nothing of the parent's is run, neither handlers of exit(3) nor Java's shutdown hooks. */
__attribute__((noreturn)) static void fail(const struct tine__child *child, int stage, int error) {
  tine__verdict_fail(child->verdict_fd, stage, -error, "");
}

static int tie_to_parent(const struct tine__child *child) {
  int error = tine__fault(TINE_STAGE_PARENT_TIE);
  if (error < 0) return error;
  if (child->death_signal == 0) return 0;
  error = (int)raw2(SYS_prctl, PR_SET_PDEATHSIG, child->death_signal);
  if (error < 0) return error;
  /* After the prctl: a parent that ended before it sends no signal any more. */
  return raw0(SYS_getppid) == child->parent_pid ? 0 : -ECHILD;
}

void tine__child_become(const struct tine__child *child) {
  /* The tie first: from here on nothing that hangs can outlive the parent. */
  int error = tie_to_parent(child);
  if (error < 0) fail(child, TINE_STAGE_PARENT_TIE, error);
  if (child->with_threads) tine__child_touch();
  for (unsigned i = 0; i < sizeof child->unwanted_fds / sizeof *child->unwanted_fds; i++)
    if (child->unwanted_fds[i] >= 0) raw1(SYS_close, child->unwanted_fds[i]);
  tine__title_set(child->title);

  int64_t begin = tine__now_ns();
  error = tine__fault(TINE_STAGE_DESCRIPTORS);
  if (error == 0) error = tine__child_descriptors(child);
  if (error < 0) fail(child, TINE_STAGE_DESCRIPTORS, error);
  /* After the descriptors, which HotSpot's socket is one of. */
  error = tine__identity_become(child->with_threads);
  if (error < 0) fail(child, TINE_STAGE_IDENTITY, error);
  int64_t descriptors_done = tine__now_ns();
  *child->descriptors_ns = descriptors_done - begin;

  /* clone() without CLONE_VM keeps rseq, scheduling, name and alternate stack of the leader, but not its robust list. */
  raw2(SYS_set_robust_list, child->leader->robust_list, child->leader->robust_list_size);
  tine__loader_rename(child->leader->tid, (int32_t)raw0(SYS_gettid));
  if (child->with_threads) {
    error = tine__child_threads(child->leader);
    if (error < 0) fail(child, TINE_STAGE_THREADS, error);
  }
  *child->threads_ns = tine__now_ns() - descriptors_done;

  error = tine__fault(TINE_STAGE_VERDICT);
  if (error < 0) fail(child, TINE_STAGE_VERDICT, error);
  tine__verdict_whole(child->verdict_fd, child->repairs);
}
