/*
 * The thread that takes the monitor's orders, in the program and in each worker.
 */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "guest/java.h"
#include "run/run.h"

#define PARK_LIMIT_NS 5000000000

/* Whose child the program is, and each worker. */
static pid_t monitor;

/* Chosen once: a worker has the handler already. -EBUSY: none is free. */
static int park_signal(void) {
  static int number;
  if (number <= 0) number = tine_free_signal();
  return number;
}

/* Has the program listen at another socket, or at none that anybody knows. */
static void exchange(const struct tine__run *run, const struct tine_message *message, int fd) {
  struct tine_file file = {.fd = fd, .device = message->device, .inode = message->inode};
  struct tine_message answer = {
      .type = TINE_MESSAGE_EXCHANGED, .device = message->device, .inode = message->inode};
  int count = park_signal();
  if (count > 0) count = tine_exchange(&file, count, PARK_LIMIT_NS, answer.text);
  close(fd);
  answer.number = count > 0 ? count : 0;
  answer.error = count < 0 ? -count : 0;
  tine_message_send(run->control_fd, &answer, -1);
}

/*
 * Forks the mold, which is a child of the monitor as this process is. This process is as it was afterwards; the monitor
 * ends it. To freeze it instead would keep the connections that it has, and what waits at their other ends.
 */
static void freeze(const struct tine__run *run, struct tine_message *message, int order_fd) {
  int signal_number = park_signal();
  struct tine_fork_request request = {
      .freeze = 1,
      .sibling = 1,
      .repairs = 1,
      .signal = signal_number,
      .death_signal = SIGKILL,
      .order_fd = order_fd,
      .monitor_fd = -1,
      .park_limit_ns = PARK_LIMIT_NS,
  };
  memcpy(request.title, message->text, sizeof request.title); /* both are NUL-terminated: by whom they are read */
  struct tine_message answer = {.type = TINE_MESSAGE_FROZEN};
  int pid = tine__guest_prepare(run->guest_jar, answer.text, sizeof answer.text);
  if (pid == 0) {
    /* It is not the mold's, nor a worker's: there it would be one of the threads that share all descriptors. */
    tine__herald_end();
    malloc_trim(0); /* what libc keeps for later would be copied for each worker that uses it */
    pid = signal_number < 0 ? signal_number
                            : tine__guest_fork(&request, TINE__GUEST_COLLECT, answer.text, sizeof answer.text);
    if (pid == 0) {
      tine__herald_start(run); /* a worker: the control socket is another one now */
      return;
    }
    struct tine_fork_result result;
    tine_fork_last(&result);
    answer.number = result.pid;
    answer.stage = result.stage;
  }
  answer.error = pid < 0 ? -pid : 0;
  close(order_fd);
  tine_message_send(run->control_fd, &answer, -1);
}

static void prepare(const struct tine__run *run) {
  struct tine_message answer = {.type = TINE_MESSAGE_PREPARED};
  answer.error = -tine__guest_prepare(run->guest_jar, answer.text, sizeof answer.text);
  tine_message_send(run->control_fd, &answer, -1);
}

/*
 * Proves that Java code can run, by running some: entering the JVM waits for the end of a safepoint, and allocating for that
 * of a collection. The monitor asks again only when it was answered, so that the answer never has to wait for room.
 */
static void beat(const struct tine__run *run, const struct tine_message *question) {
  struct tine_message answer = {.type = TINE_MESSAGE_ALIVE, .number = question->number};
  answer.error = -tine__guest_beat(question->flags, answer.text, sizeof answer.text);
  tine_message_send(run->control_fd, &answer, -1);
}

static void *take_orders(void *argument) {
  const struct tine__run *run = argument;
  for (;;) {
    struct tine_message message;
    int passed = -1;
    int error = tine_message_receive(run->control_fd, &message, &passed);
    if (error == -EPROTO) continue;
    /* The other end is closed, perhaps with words of this process unread. Either the monitor has ended, and the kernel ends this
       process; or the mold died before it could name this process, and the monitor has made another in its place. In a child
       that the program itself has forked the socket is dead, too, but its parent is another. */
    int is_disowned = error == -EPIPE || error == -ECONNRESET;
    if (is_disowned && getppid() == monitor) kill(getpid(), SIGKILL);
    if (error < 0) return NULL;
    if (message.type == TINE_MESSAGE_FREEZE && passed >= 0)
      freeze(run, &message, passed);
    else if (message.type == TINE_MESSAGE_EXCHANGE && passed >= 0)
      exchange(run, &message, passed);
    else if (passed >= 0)
      close(passed);
    else if (message.type == TINE_MESSAGE_PREPARE)
      prepare(run);
    else if (message.type == TINE_MESSAGE_BEAT)
      beat(run, &message);
  }
}

int tine__control_start(void) {
  monitor = getppid();
  return tine__create_thread(take_orders, (void *)(uintptr_t)tine__run());
}
