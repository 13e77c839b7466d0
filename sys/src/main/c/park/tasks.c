#include "park/tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "numbers.h"
#include "raw.h"
#include "text.h"

long tine__count_threads(void) {
  /* As links of the directory of tasks, beside the two that every directory has: a tenth of the time of printing. */
  struct stat tasks;
  if (raw4(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &tasks, 0) == 0 && tasks.st_nlink > 2)
    return (long)tasks.st_nlink - 2;
  char text[4096];
  long n = tine__read_file("/proc/self/status", text, sizeof text);
  if (n < 0) return n;
  const char *threads = tine__field(text, "Threads:");
  return threads == NULL ? -EPROTO : (long)tine__number(threads, 10, NULL);
}

int tine__count_processors(void) {
  unsigned long may[TINE__CPU_WORDS] = {0};
  int count = 0;
  if (raw3(SYS_sched_getaffinity, 0, sizeof may, may) > 0)
    for (int i = 0; i < TINE__CPU_WORDS; i++) count += __builtin_popcountl(may[i]);
  return count > 0 ? count : 1;
}

int tine__task_obstacle(int32_t tid, int park_signal, struct tine__obstruction *obstruction) {
  char path[64], text[4096];
  if (tine__read_file(tine__path(path, "/proc/self/task/", tid, "/status"), text, sizeof text) <= 0) return 0;
  const char *name = tine__field(text, "Name:\t");
  if (name != NULL && tine__starts_with(name, "iou-")) return 1;
  obstruction->tid = tid;
  int length = 0;
  for (; name != NULL && length < 15 && name[length] != '\n' && name[length]; length++) obstruction->name[length] = name[length];
  obstruction->name[length] = 0; /* there may be the longer name of one that has been parked since */
  const char *blocked = tine__field(text, "SigBlk:\t");
  const char *status = tine__field(text, "State:\t");
  if (blocked != NULL && (tine__number(blocked, 16, NULL) >> (park_signal - 1)) & 1)
    obstruction->obstacle = TINE_OBSTACLE_BLOCKED;
  else if (status != NULL && *status == 'D')
    obstruction->obstacle = TINE_OBSTACLE_DISK;
  else if (status != NULL && (*status == 'T' || *status == 't'))
    obstruction->obstacle = TINE_OBSTACLE_STOPPED;
  else
    obstruction->obstacle = TINE_OBSTACLE_SLOW;
  return 0;
}

void tine__capture_pending(struct tine__thread *parked, int park_signal) {
  for (struct tine__thread *t = parked; t != NULL; t = t->next) {
    /*
     * A thread in a blocking call may have been sent a wake-up (java.nio closes a channel under a blocked reader that
     * way) after its handler began; it would be lost to the child, where pending signals do not exist. It is read
     * only now: before all are parked another one could still be sent. Others do not wait for signals, and reading
     * costs 10 us a thread.
     */
    if (!tine__in_blocking_call(t->context)) continue;
    char path[64], text[4096];
    if (tine__read_file(tine__path(path, "/proc/self/task/", t->tid, "/status"), text, sizeof text) <= 0) continue;
    const char *pending = tine__field(text, "SigPnd:\t");
    if (pending != NULL) t->pending = tine__number(pending, 16, NULL) & ~(1ull << (park_signal - 1));
  }
}
