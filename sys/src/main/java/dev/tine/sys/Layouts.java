package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;

/**
 * The structs of tine.h.
 *
 * <p>Apart from the classes that use them: {@link Libtine} compares them with the library while it
 * is initialised, and those classes initialise {@link Libtine}. Two threads that began at both ends
 * of that circle would wait for ever.
 */
final class Layouts {
  static final int TITLE_MAX = 128;
  static final int PLACEMENTS_MAX = 256;
  static final int WHAT_MAX = 240;

  /** {@code struct tine_fork_request}. */
  static final StructLayout REQUEST =
      MemoryLayout.structLayout(
          JAVA_INT.withName("freeze"),
          JAVA_INT.withName("sibling"),
          JAVA_INT.withName("repairs"),
          JAVA_INT.withName("signal"),
          JAVA_INT.withName("death_signal"),
          JAVA_INT.withName("order_fd"),
          JAVA_INT.withName("monitor_fd"),
          JAVA_INT.withName("relaxed"),
          JAVA_LONG.withName("park_limit_ns"),
          ADDRESS.withName("kept"),
          ADDRESS.withName("mapped"),
          JAVA_INT.withName("kept_count"),
          JAVA_INT.withName("mapped_count"),
          MemoryLayout.sequenceLayout(TITLE_MAX, JAVA_BYTE).withName("title"));

  /** {@code struct tine_fork_result}. */
  static final StructLayout RESULT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("pid"),
          JAVA_INT.withName("stage"),
          JAVA_INT.withName("error"),
          JAVA_INT.withName("tid"),
          JAVA_INT.withName("obstacle"),
          JAVA_INT.withName("exit_signal"),
          JAVA_INT.withName("exit_code"),
          JAVA_INT.withName("order_id"),
          JAVA_INT.withName("threads"),
          JAVA_INT.withName("descriptors"),
          JAVA_INT.withName("refusal"),
          JAVA_INT.withName("reserved"),
          JAVA_LONG.withName("begin_ns"),
          JAVA_LONG.withName("park_ns"),
          JAVA_LONG.withName("survey_ns"),
          JAVA_LONG.withName("clone_ns"),
          JAVA_LONG.withName("descriptors_ns"),
          JAVA_LONG.withName("threads_ns"),
          JAVA_LONG.withName("resume_ns"),
          MemoryLayout.sequenceLayout(16, JAVA_BYTE).withName("thread_name"),
          MemoryLayout.sequenceLayout(WHAT_MAX, JAVA_BYTE).withName("what"));

  /** {@code struct tine_answer}. */
  static final StructLayout ANSWER =
      MemoryLayout.structLayout(
          JAVA_INT.withName("pid"),
          JAVA_INT.withName("stage"),
          JAVA_INT.withName("error"),
          MemoryLayout.sequenceLayout(WHAT_MAX, JAVA_BYTE).withName("what"));

  /** {@code struct tine_exit}. */
  static final StructLayout EXIT =
      MemoryLayout.structLayout(JAVA_INT.withName("kind"), JAVA_INT.withName("value"));

  /** {@code struct tine_probe}. */
  static final StructLayout PROBE =
      MemoryLayout.structLayout(
          JAVA_INT.withName("tid_address"),
          JAVA_INT.withName("pidfd"),
          JAVA_INT.withName("leader"),
          JAVA_INT.withName("loader_locks"),
          JAVA_INT.withName("rseq_size"));

  /** {@code struct tine_refusal}. */
  static final StructLayout REFUSAL =
      MemoryLayout.structLayout(
          JAVA_INT.withName("reason"),
          JAVA_INT.withName("fd"),
          JAVA_LONG.withName("begin"),
          JAVA_LONG.withName("end"),
          MemoryLayout.sequenceLayout(256, JAVA_BYTE).withName("name"));

  /** {@code struct tine_file}. */
  static final StructLayout FILE =
      MemoryLayout.structLayout(
          JAVA_INT.withName("fd"),
          JAVA_INT.withName("reserved"),
          JAVA_LONG.withName("device"),
          JAVA_LONG.withName("inode"));

  static final int ORDER_FILES_MAX = 32;

  /** {@code struct tine_order}. */
  static final StructLayout ORDER =
      MemoryLayout.structLayout(
          JAVA_INT.withName("id"),
          JAVA_INT.withName("death_signal"),
          JAVA_INT.withName("file_count"),
          JAVA_INT.withName("reserved"),
          MemoryLayout.sequenceLayout(ORDER_FILES_MAX, FILE).withName("files"),
          MemoryLayout.sequenceLayout(TITLE_MAX, JAVA_BYTE).withName("title"));

  static final int ADDRESS_MAX = 128;
  static final int REMOTE_MAX = 16;
  static final int TEXT_MAX = 512;

  /** {@code struct tine_message}. */
  static final StructLayout MESSAGE =
      MemoryLayout.structLayout(
          JAVA_INT.withName("type"),
          JAVA_INT.withName("number"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("error"),
          JAVA_INT.withName("stage"),
          JAVA_INT.withName("address_length"),
          JAVA_LONG.withName("device"),
          JAVA_LONG.withName("inode"),
          MemoryLayout.sequenceLayout(ADDRESS_MAX, JAVA_BYTE).withName("address"),
          MemoryLayout.sequenceLayout(TEXT_MAX, JAVA_BYTE).withName("text"));

  /** {@code struct tine_descriptor}. */
  static final StructLayout DESCRIPTOR =
      MemoryLayout.structLayout(
          JAVA_INT.withName("fd"),
          JAVA_INT.withName("kind"),
          JAVA_INT.withName("flags"),
          JAVA_INT.withName("close_on_exec"),
          JAVA_LONG.withName("device"),
          JAVA_LONG.withName("inode"));

  /** {@code struct tine_placement}. */
  static final StructLayout PLACEMENT =
      MemoryLayout.structLayout(JAVA_INT.withName("source"), JAVA_INT.withName("target"));

  /** {@code struct tine_limit}. */
  static final StructLayout LIMIT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("resource"),
          JAVA_INT.withName("reserved"),
          JAVA_LONG.withName("soft"),
          JAVA_LONG.withName("hard"));

  /** {@code struct tine_spawn_request}. */
  static final StructLayout SPAWN_REQUEST =
      MemoryLayout.structLayout(
          ADDRESS.withName("programs"),
          ADDRESS.withName("arguments"),
          ADDRESS.withName("environment"),
          ADDRESS.withName("directory"),
          ADDRESS.withName("cgroup"),
          ADDRESS.withName("placements"),
          ADDRESS.withName("groups"),
          ADDRESS.withName("limits"),
          JAVA_INT.withName("placement_count"),
          JAVA_INT.withName("group_count"),
          JAVA_INT.withName("limit_count"),
          JAVA_INT.withName("options"),
          JAVA_LONG.withName("kept_ignored"),
          JAVA_INT.withName("group"),
          JAVA_INT.withName("terminal"),
          JAVA_INT.withName("death_signal"),
          JAVA_INT.withName("oom_score_adj"),
          JAVA_INT.withName("nice"),
          JAVA_INT.withName("uid"),
          JAVA_INT.withName("gid"),
          JAVA_INT.withName("umask"));

  /** {@code struct tine_spawn_result}. */
  static final StructLayout SPAWN_RESULT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("pid"),
          JAVA_INT.withName("pidfd"),
          JAVA_INT.withName("phase"),
          JAVA_INT.withName("error"),
          JAVA_INT.withName("item"));

  /** {@code struct tine_event}. */
  static final StructLayout EVENT =
      MemoryLayout.structLayout(JAVA_LONG.withName("key"), JAVA_LONG.withName("events"));

  /** {@code struct tine_child_exit}. */
  static final StructLayout CHILD_EXIT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("kind"),
          JAVA_INT.withName("value"),
          JAVA_LONG.withName("user_us"),
          JAVA_LONG.withName("system_us"),
          JAVA_LONG.withName("minor_faults"),
          JAVA_LONG.withName("major_faults"),
          JAVA_LONG.withName("voluntary_switches"),
          JAVA_LONG.withName("involuntary_switches"));

  /** {@code struct tine_connection}. */
  static final StructLayout CONNECTION =
      MemoryLayout.structLayout(
          JAVA_INT.withName("state"),
          JAVA_INT.withName("family"),
          JAVA_INT.withName("local_port"),
          JAVA_INT.withName("remote_port"),
          JAVA_INT.withName("unread"),
          JAVA_INT.withName("unsent"),
          JAVA_INT.withName("received_ms"),
          JAVA_INT.withName("sent_ms"),
          JAVA_INT.withName("has_sent"),
          JAVA_INT.withName("reserved"),
          JAVA_LONG.withName("received"),
          JAVA_LONG.withName("inode"),
          MemoryLayout.sequenceLayout(REMOTE_MAX, JAVA_BYTE).withName("remote"));

  private Layouts() {}

  static long offset(StructLayout layout, String field) {
    return layout.byteOffset(PathElement.groupElement(field));
  }
}
