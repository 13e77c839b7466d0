package dev.tine.systemtests.programs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Descriptors by number, as the kernel has them. */
final class Fd {
  static final int EAGAIN = 11;
  static final int EPOLLIN = 1;
  static final int EPOLLOUT = 4;
  static final int EPOLLONESHOT = 1 << 30;
  static final int EPOLLET = 1 << 31;
  static final int NONBLOCK = 0x800;
  static final int CLOEXEC = 0x80000;

  private static final int SYS_KCMP = 312;
  private static final int BUFFER = 4096;

  private Fd() {}

  /** Fails if the call did. */
  static int check(String function, Object... arguments) {
    int result = Libc.call(function, arguments);
    Program.check(result >= 0, "%s: errno %d", function, -result);
    return result;
  }

  static void close(int... fds) {
    for (int fd : fds) {
      check("close", fd);
    }
  }

  static int[] pair(String function, Object... arguments) {
    MemorySegment fds = Libc.memory(8);
    Object[] all = new Object[arguments.length + 1];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = fds;
    check(function, all);
    return fds.toArray(JAVA_INT);
  }

  static int[] pipe() {
    MemorySegment fds = Libc.memory(8);
    check("pipe2", fds, NONBLOCK);
    return fds.toArray(JAVA_INT);
  }

  static int eventfd(int count) {
    return check("eventfd", count, NONBLOCK);
  }

  static void write(int fd, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    MemorySegment memory = Libc.memory(Math.max(1, bytes.length));
    MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
    Program.checkEqual(check("write", fd, memory, (long) bytes.length), bytes.length, "written");
  }

  /** "errno N" if it fails. */
  static String read(int fd) {
    MemorySegment memory = Libc.memory(BUFFER);
    int n = Libc.call("read", fd, memory, (long) BUFFER);
    return n < 0
        ? "errno " + -n
        : new String(memory.asSlice(0, n).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
  }

  static void writeLong(int fd, long value) {
    MemorySegment memory = Libc.memory(8);
    memory.set(JAVA_LONG, 0, value);
    check("write", fd, memory, 8L);
  }

  /** Of an eventfd or a timerfd; -errno if it fails. */
  static long readLong(int fd) {
    MemorySegment memory = Libc.memory(8);
    int n = Libc.call("read", fd, memory, 8L);
    return n < 0 ? n : memory.get(JAVA_LONG, 0);
  }

  static int epoll() {
    return check("epoll_create1", CLOEXEC);
  }

  static void add(int set, int fd, int events, long data) {
    check("epoll_ctl", set, 1, fd, event(events, data));
  }

  static void remove(int set, int fd) {
    check("epoll_ctl", set, 2, fd, event(0, 0));
  }

  /** The data of the members that are ready, within a time. */
  static List<Long> wait(int set, int millis) {
    int room = 16;
    MemorySegment events = Libc.memory(12L * room);
    int n = check("epoll_wait", set, events, room, millis);
    List<Long> data = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      data.add(events.get(JAVA_LONG.withByteAlignment(1), 12L * i + 4));
    }
    data.sort(null);
    return data;
  }

  /** struct epoll_event, which is packed. */
  private static MemorySegment event(int events, long data) {
    MemorySegment event = Libc.memory(12);
    event.set(JAVA_INT, 0, events);
    event.set(JAVA_LONG.withByteAlignment(1), 4, data);
    return event;
  }

  /** The lines of its fdinfo that begin with {@code key}. */
  static List<String> info(int fd, String key) {
    try {
      return Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd)).stream()
          .filter(line -> line.startsWith(key))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has another process the same description under this number? */
  static boolean isSharedWith(long pid, int fd) {
    int order = Libc.syscall(SYS_KCMP, Proc.self(), pid, 0, fd, fd);
    Program.check(order >= 0, "kcmp of %d: errno %d", fd, -order);
    return order == 0;
  }

  static int open(String path, int flags) {
    return check("open", Libc.string(path), flags, 0600);
  }
}
