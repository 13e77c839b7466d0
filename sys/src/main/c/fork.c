/*
 * tine_fork(): how a process with all its threads is forked.
 *
 * fork(2) copies the thread that calls it and no other; a JVM without its collector, compilers and VM thread is dead.
 * glibc's fork() moreover frees the descriptors and marks the stacks of the threads it thinks gone. So:
 *
 *   1. park     every thread writes what is needed to go on into a record on its own stack and waits     park/
 *   2. survey   the state of descriptors that must not be shared is read                                 survey/
 *   3. clone    the leader clones the process with a raw clone(2)
 *   4. child    gets descriptors of its own and a thread for each record, on the old stack with the      child/
 *               old thread pointer; they leave their handlers as if nothing had been
 *   5. release  parent and child, each its own threads; a mold releases none and waits for orders        mold/
 *               The parent waits for the child's verdict: it is whole, or the step and the error it failed with.
 *               Repairs that need Java come after that, and a second verdict: tine_await_repairs()
 *
 * What the threads were doing when the signal came does not matter: the kernel completes the saved context before it
 * runs a handler, so that a futex, read or accept that was interrupted is executed again in both processes.
 *
 * The leader does all of it, inside its signal handler, on an errand for the thread that called tine_fork(): lead.h
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "child/child.h"
#include "fault.h"
#include "identity/identity.h"
#include "lead.h"
#include "loader.h"
#include "mold/mold.h"
#include "park/park.h"
#include "raw.h"
#include "survey/survey.h"
#include "tine.h"
#include "title.h"
#include "verdict.h"

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000 /* glibc 2.31 */
#endif

static struct tine_fork_request request;
static struct tine_fork_result result;
static int32_t verdict_fds[2] = {-1, -1}; /* read, write */
static int32_t child_pidfd = -1;
static int64_t begin_ns;
static int64_t stuck_ns; /* of this attempt */
static struct tine__survey survey;
static struct tine_refusal refusal;
static struct tine__thread leader;

static void failed(int stage, long error) {
  result.stage = stage;
  result.error = (int32_t)-error;
}

static void obstructed(const struct tine__obstruction *obstruction) {
  result.tid = obstruction->tid;
  result.obstacle = obstruction->obstacle;
  memcpy(result.thread_name, obstruction->name, sizeof result.thread_name);
}

/*
 * Leader: waits for what the child says of itself, before the parent's threads go on. They would compete with the child
 * for processors just when it makes its threads, and copy the pages that it is about to copy.
 */
static void hear_verdict(void) {
  struct tine__verdict verdict;
  tine__verdict_hear(verdict_fds[0], result.pid, &verdict);
  if (verdict.stage != TINE_STAGE_NONE) failed(verdict.stage, -(long)verdict.error);
}

static void close_verdict(int end) {
  if (verdict_fds[end] >= 0) raw1(SYS_close, verdict_fds[end]);
  verdict_fds[end] = -1;
}

static void close_pidfd(void) {
  if (child_pidfd >= 0) raw1(SYS_close, child_pidfd);
  child_pidfd = -1;
}

static void in_child(int32_t parent_pid) {
  struct tine__child child = {
      .survey = &survey,
      .leader = &leader,
      .title = request.title,
      .parent_pid = parent_pid,
      .death_signal = request.death_signal,
      .verdict_fd = verdict_fds[1],
      .unwanted_fds = {verdict_fds[0], request.freeze ? request.monitor_fd : -1},
      .with_threads = !request.freeze,
      .repairs = request.repairs && !request.freeze,
      .descriptors_ns = &result.descriptors_ns,
      .threads_ns = &result.threads_ns,
  };
  tine__child_become(&child);
  verdict_fds[0] = verdict_fds[1] = -1; /* closed, or verdict.c's */
  if (request.freeze) {
    struct tine_order order;
    child.unwanted_fds[0] = child.unwanted_fds[1] = -1;
    child.repairs = request.repairs; /* of its workers: no Java code runs in a mold */
    tine__mold_serve(request.order_fd, &child, &order);
    result.order_id = order.id;
  }
  result.pid = 0;
}

/* Steps 1 to 4. Returns whether threads are parked, in both processes. */
static int carry_out(ucontext_t *context) {
  struct tine__obstruction obstruction = {0};
  int64_t begin = tine__now_ns();
  int parked = tine__park_all(stuck_ns, &obstruction);
  int64_t parked_at = tine__now_ns();
  result.park_ns = parked_at - begin;
  if (parked < 0) {
    failed(TINE_STAGE_PARK, parked);
    obstructed(&obstruction);
    return 0;
  }
  result.threads = parked + 1;
  survey.exempt[0] = verdict_fds[0];
  survey.exempt[1] = verdict_fds[1];
  survey.exempt[2] = request.freeze ? request.order_fd : -1;
  survey.exempt[3] = request.freeze ? request.monitor_fd : -1;
  int error = tine__identity_survey();
  if (error == -EAGAIN) { /* something is under way that will not be in a moment: park again */
    failed(TINE_STAGE_PARK, error);
    return 1;
  }
  survey.relaxed = request.relaxed;
  survey.kept = request.kept;
  survey.kept_count = request.kept_count;
  survey.mapped = request.mapped;
  survey.mapped_count = request.mapped_count;
  survey.refusal = &refusal;
  if (error == 0) error = tine__survey_take(&survey);
  if (error == 0) error = tine__survey_open_successors(&survey);
  int64_t surveyed_at = tine__now_ns();
  result.survey_ns = surveyed_at - parked_at;
  result.descriptors = (int32_t)survey.count;
  result.refusal = refusal.reason;
  if (error < 0) {
    failed(TINE_STAGE_SURVEY, error);
    return 1;
  }

  int32_t pid = (int32_t)raw0(SYS_getpid);
  int32_t parent_pid = request.sibling ? (int32_t)raw0(SYS_getppid) : pid;
  tine__thread_capture(&leader, pid, context);
  unsigned long flags = SIGCHLD | (leader.tid_address != NULL ? CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID : 0);
  /* With its pidfd or not at all: opened later there may be no number free for it, and a child that nobody can wait for.
     It is made after the child's copy of descriptors and memory, which has neither the descriptor nor its number. */
  flags |= request.sibling ? CLONE_PARENT : CLONE_PIDFD;
  long child = tine__fault(TINE_STAGE_CLONE);
  if (child == 0) child = raw5(SYS_clone, flags, 0, &child_pidfd, leader.tid_address, 0);
  result.clone_ns = tine__now_ns() - surveyed_at;
  if (child == 0) {
    in_child(parent_pid);
    return 1;
  }
  tine__survey_close_successors(&survey);
  /* The write end: with it open here, the death of the child would not end a read. */
  close_verdict(1);
  if (child < 0) {
    failed(TINE_STAGE_CLONE, child);
    return 1;
  }
  result.pid = (int32_t)child;
  hear_verdict();
  return 1;
}

/* In both processes. */
static enum tine__outcome lead(ucontext_t *context) {
  if (!carry_out(context)) return TINE__NOBODY_PARKED;
  return request.repairs && result.pid == 0 && result.error == 0 ? TINE__SETTLE : TINE__RELEASE;
}

/* Reaps a child that did not become whole. */
static void reap_failed(void) {
  close_pidfd();
  siginfo_t info = {0};
  long reaped;
  do reaped = raw5(SYS_waitid, P_PID, result.pid, &info, WEXITED, 0);
  while (reaped == -EINTR);
  if (reaped == 0) *(info.si_code == CLD_EXITED ? &result.exit_code : &result.exit_signal) = info.si_status;
}

static int fork_once(void) {
  int error = tine__park_install(request.signal);
  if (error < 0) {
    failed(TINE_STAGE_SIGNAL, error);
    return error;
  }
  error = tine__park_prepare(request.park_limit_ns);
  if (error < 0) {
    failed(TINE_STAGE_PARK, error);
    return error;
  }
  if (request.title[0] != 0) tine__title_find();
  tine__loader_find();
  error = (int)raw2(SYS_pipe2, verdict_fds, O_CLOEXEC);
  if (error < 0) {
    failed(TINE_STAGE_CLONE, error);
    return error;
  }
  struct tine__obstruction obstruction = {0};
  error = tine__lead_run(lead, request.signal, request.park_limit_ns, &obstruction);
  if (error < 0) {
    failed(TINE_STAGE_LEADER, error);
    obstructed(&obstruction);
  }
  if (error == 0 && result.error == 0 && result.pid == 0) return 0; /* the child, which has closed the pipe itself */
  if (result.pid > 0 && result.error != 0 && !request.sibling) reap_failed();
  /* What is left open is for tine_await_repairs(). */
  if (result.error != 0 || request.freeze || !request.repairs) close_verdict(0);
  close_verdict(1);
  return -result.error;
}

static int attempt(int64_t patience_ns) {
  stuck_ns = patience_ns;
  memset(&result, 0, sizeof result);
  memset(&refusal, 0, sizeof refusal);
  result.begin_ns = begin_ns;
  int error = fork_once();
  /* EAGAIN of a later stage is the kernel's: it has no room for a process. */
  return error == -EAGAIN && result.stage == TINE_STAGE_PARK ? TINE__STUCK : error;
}

int tine_fork(const struct tine_fork_request *wanted) {
  int64_t called_ns = tine__now_ns();
  int error = tine__lead_claim();
  if (error < 0) return error;
  request = *wanted;
  request.title[TINE_TITLE_MAX - 1] = 0;
  close_verdict(0); /* of a child that nobody asked for */
  close_pidfd();
  begin_ns = called_ns;
  error = tine__lead_persist(attempt, begin_ns, request.park_limit_ns);
  if (error == -ETIMEDOUT && result.stage == TINE_STAGE_PARK) failed(TINE_STAGE_PARK, error);
  result.resume_ns = tine__now_ns() - tine__lead_released_ns();
  tine__lead_yield();
  return error < 0 ? error : result.pid;
}

int tine_await_repairs(void) {
  if (verdict_fds[0] < 0) return 0;
  struct tine__verdict verdict;
  tine__verdict_hear_repairs(verdict_fds[0], -1, result.pid, &verdict);
  close_verdict(0);
  if (verdict.stage == TINE_STAGE_NONE) return 0;
  failed(verdict.stage, -(long)verdict.error);
  memcpy(result.what, verdict.what, sizeof result.what);
  if (!request.sibling) reap_failed(); /* another's child is that one's to reap */
  return 1;
}

int tine_fork_pidfd(void) {
  int pidfd = child_pidfd;
  child_pidfd = -1;
  return pidfd;
}

void tine_fork_last(struct tine_fork_result *out) { *out = result; }

void tine_fork_refusal(struct tine_refusal *out) { *out = refusal; }
