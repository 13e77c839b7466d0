/* Sizes and offsets of what Java lays out by hand; compared with its own numbers when the library is loaded. */
#include <stddef.h>

#include "tine.h"

int tine_layout(int32_t *values, int capacity) {
  static const size_t facts[] = {
      sizeof(struct tine_fork_request),
      offsetof(struct tine_fork_request, park_limit_ns),
      offsetof(struct tine_fork_request, kept),
      offsetof(struct tine_fork_request, mapped_count),
      offsetof(struct tine_fork_request, repairs),
      offsetof(struct tine_fork_request, title),
      sizeof(struct tine_fork_result),
      offsetof(struct tine_fork_result, begin_ns),
      offsetof(struct tine_fork_result, thread_name),
      offsetof(struct tine_fork_result, what),
      sizeof(struct tine_order),
      offsetof(struct tine_order, files),
      offsetof(struct tine_order, title),
      sizeof(struct tine_answer),
      offsetof(struct tine_answer, what),
      sizeof(struct tine_exit),
      sizeof(struct tine_probe),
      sizeof(struct tine_refusal),
      offsetof(struct tine_refusal, name),
      sizeof(struct tine_file),
      sizeof(struct tine_descriptor),
      offsetof(struct tine_descriptor, device),
      sizeof(struct tine_message),
      offsetof(struct tine_message, inode),
      offsetof(struct tine_message, text),
      TINE_TITLE_MAX,
      TINE_STAGE_ORDER,
      TINE_OBSTACLE_SLOW,
      TINE_KIND_FANOTIFY,
      TINE_REFUSAL_SHARED_MAPPING,
      TINE_MESSAGE_HERALD,
      sizeof(struct tine_connection),
      offsetof(struct tine_connection, received),
      offsetof(struct tine_connection, remote),
      sizeof(struct tine_placement),
      sizeof(struct tine_limit),
      sizeof(struct tine_spawn_request),
      offsetof(struct tine_spawn_request, placement_count),
      offsetof(struct tine_spawn_request, kept_ignored),
      offsetof(struct tine_spawn_request, umask),
      sizeof(struct tine_spawn_result),
      TINE_SPAWN_EXEC,
      TINE_SPAWN_PLACEMENTS_MAX,
      sizeof(struct tine_event),
      sizeof(struct tine_child_exit),
      offsetof(struct tine_child_exit, user_us),
  };
  int count = (int)(sizeof facts / sizeof *facts);
  for (int i = 0; i < count && i < capacity; i++) values[i] = (int32_t)facts[i];
  return count;
}
