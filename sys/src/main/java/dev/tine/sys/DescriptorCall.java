package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** The open descriptors of this process, and what of them a fork has refused. */
public final class DescriptorCall {
  private static final MethodHandle LIST =
      Libtine.function("tine_descriptors", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle REFUSAL =
      Libtine.function("tine_fork_refusal", FunctionDescriptor.ofVoid(ADDRESS));

  private DescriptorCall() {}

  /**
   * An open descriptor, {@code struct tine_descriptor}.
   *
   * @param flags of {@code fcntl(F_GETFL)}
   * @param device of its inode, as stat(2) has it
   */
  public record Open(
      int fd, DescriptorKind kind, int flags, boolean closeOnExec, long device, long inode) {}

  /**
   * What the last fork refused, {@code struct tine_refusal}.
   *
   * @param fd -1: not a descriptor
   * @param begin of a mapping
   * @param end of a mapping
   * @param name of a mapping's file; "": it has none
   */
  public record Refusal(RefusalReason reason, int fd, long begin, long end, String name) {}

  /**
   * {@code tine_descriptors(list, n)}, by ascending number; throws {@link SystemCallException}. One
   * call at a time, and none during a fork.
   */
  public static List<Open> list() {
    for (int room = 256; ; ) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment list = arena.allocate(Layouts.DESCRIPTOR, room);
        int count = (int) LIST.invokeExact(list, room);
        SystemCallException.check("list of descriptors", count);
        if (count <= room) {
          List<Open> all = new ArrayList<>(count);
          for (int i = 0; i < count; i++) {
            all.add(read(list.asSlice(i * Layouts.DESCRIPTOR.byteSize(), Layouts.DESCRIPTOR)));
          }
          return all;
        }
        room = 2 * count; // others may open some meanwhile
      } catch (SystemCallException e) {
        throw e;
      } catch (Throwable e) {
        throw Libtine.broken(e);
      }
    }
  }

  /** {@code tine_fork_refusal(&refusal)}. */
  public static Refusal refusal() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(Layouts.REFUSAL);
      REFUSAL.invokeExact(out);
      return new Refusal(
          RefusalReason.of(out.get(JAVA_INT, Layouts.offset(Layouts.REFUSAL, "reason"))),
          out.get(JAVA_INT, Layouts.offset(Layouts.REFUSAL, "fd")),
          out.get(JAVA_LONG, Layouts.offset(Layouts.REFUSAL, "begin")),
          out.get(JAVA_LONG, Layouts.offset(Layouts.REFUSAL, "end")),
          out.getString(Layouts.offset(Layouts.REFUSAL, "name")));
    } catch (Throwable e) {
      throw Libtine.broken(e);
    }
  }

  private static Open read(MemorySegment one) {
    return new Open(
        one.get(JAVA_INT, Layouts.offset(Layouts.DESCRIPTOR, "fd")),
        DescriptorKind.of(one.get(JAVA_INT, Layouts.offset(Layouts.DESCRIPTOR, "kind"))),
        one.get(JAVA_INT, Layouts.offset(Layouts.DESCRIPTOR, "flags")),
        one.get(JAVA_INT, Layouts.offset(Layouts.DESCRIPTOR, "close_on_exec")) != 0,
        one.get(JAVA_LONG, Layouts.offset(Layouts.DESCRIPTOR, "device")),
        one.get(JAVA_LONG, Layouts.offset(Layouts.DESCRIPTOR, "inode")));
  }
}
