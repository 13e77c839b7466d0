package dev.tine.sys;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The loaded C library {@code libtine.so}.
 *
 * <p>It is looked for at the path of the system property {@value #PATH_PROPERTY}, then as a
 * resource beside this class. Every function returns a number or {@code -errno}, so no call needs
 * to capture {@code errno}.
 */
final class Libtine {
  static final String PATH_PROPERTY = "dev.tine.library";

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup SYMBOLS = load();

  static {
    checkLayout();
  }

  private Libtine() {}

  /** The function {@code name}; present in every build of the library. */
  static MethodHandle function(String name, FunctionDescriptor descriptor) {
    // Safety: descriptors repeat tine.h; the structs they point to are compared by checkLayout().
    return LINKER.downcallHandle(SYMBOLS.findOrThrow(name), descriptor);
  }

  /**
   * What a failed {@code invokeExact} is turned into: a mistake in the bindings, never an outcome
   * of the call.
   */
  static AssertionError broken(Throwable cause) {
    return new AssertionError("libtine.so and its bindings disagree", cause);
  }

  private static SymbolLookup load() {
    Platform.requireSupported();
    String path = System.getProperty(PATH_PROPERTY);
    if (path != null) {
      return load(Path.of(path).toAbsolutePath());
    }
    try (InputStream resource = LibraryFile.open()) {
      Path copy = Files.createTempFile("libtine-", ".so").toAbsolutePath();
      try {
        Files.write(copy, resource.readAllBytes());
        return load(copy);
      } catch (UnsatisfiedLinkError e) {
        throw new UnsatisfiedLinkError(
            "cannot load libtine.so from "
                + copy
                + ": "
                + e.getMessage()
                + ". It needs glibc 2.31 or newer, and a directory for temporary files that is not"
                + " mounted noexec (set -Djava.io.tmpdir, or -D"
                + PATH_PROPERTY
                + " to a copy of the library)");
      } finally {
        Files.deleteIfExists(copy); // a mapped file needs no name any more
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack libtine.so", e);
    }
  }

  private static SymbolLookup load(Path library) {
    // Safety: the library has no initialisers. Loaded for JNI, which Natives needs; everything else
    // is looked up.
    System.load(library.toString());
    return SymbolLookup.loaderLookup();
  }

  /** Loads the library if it is not loaded yet. */
  static void ensureLoaded() {
    // The static initialiser of this class does it.
  }

  /**
   * Refuses a library whose structs are not the ones laid out here: an old copy at {@value
   * #PATH_PROPERTY}.
   */
  private static void checkLayout() {
    int[] expected = {
      (int) Layouts.REQUEST.byteSize(),
      (int) Layouts.offset(Layouts.REQUEST, "park_limit_ns"),
      (int) Layouts.offset(Layouts.REQUEST, "kept"),
      (int) Layouts.offset(Layouts.REQUEST, "mapped_count"),
      (int) Layouts.offset(Layouts.REQUEST, "repairs"),
      (int) Layouts.offset(Layouts.REQUEST, "title"),
      (int) Layouts.RESULT.byteSize(),
      (int) Layouts.offset(Layouts.RESULT, "begin_ns"),
      (int) Layouts.offset(Layouts.RESULT, "thread_name"),
      (int) Layouts.offset(Layouts.RESULT, "what"),
      (int) Layouts.ORDER.byteSize(),
      (int) Layouts.offset(Layouts.ORDER, "files"),
      (int) Layouts.offset(Layouts.ORDER, "title"),
      (int) Layouts.ANSWER.byteSize(),
      (int) Layouts.offset(Layouts.ANSWER, "what"),
      (int) Layouts.EXIT.byteSize(),
      (int) Layouts.PROBE.byteSize(),
      (int) Layouts.REFUSAL.byteSize(),
      (int) Layouts.offset(Layouts.REFUSAL, "name"),
      (int) Layouts.FILE.byteSize(),
      (int) Layouts.DESCRIPTOR.byteSize(),
      (int) Layouts.offset(Layouts.DESCRIPTOR, "device"),
      (int) Layouts.MESSAGE.byteSize(),
      (int) Layouts.offset(Layouts.MESSAGE, "inode"),
      (int) Layouts.offset(Layouts.MESSAGE, "text"),
      Layouts.TITLE_MAX,
      Stage.values().length - 1,
      Obstacle.values().length - 1,
      DescriptorKind.values().length - 1,
      RefusalReason.values().length - 1,
      Message.Type.values().length - 1,
      (int) Layouts.CONNECTION.byteSize(),
      (int) Layouts.offset(Layouts.CONNECTION, "received"),
      (int) Layouts.offset(Layouts.CONNECTION, "remote"),
      (int) Layouts.PLACEMENT.byteSize(),
      (int) Layouts.LIMIT.byteSize(),
      (int) Layouts.SPAWN_REQUEST.byteSize(),
      (int) Layouts.offset(Layouts.SPAWN_REQUEST, "placement_count"),
      (int) Layouts.offset(Layouts.SPAWN_REQUEST, "kept_ignored"),
      (int) Layouts.offset(Layouts.SPAWN_REQUEST, "umask"),
      (int) Layouts.SPAWN_RESULT.byteSize(),
      SpawnPhase.values().length - 1,
      Layouts.PLACEMENTS_MAX,
      (int) Layouts.EVENT.byteSize(),
      (int) Layouts.CHILD_EXIT.byteSize(),
      (int) Layouts.offset(Layouts.CHILD_EXIT, "user_us"),
    };
    MethodHandle layout =
        function(
            "tine_layout",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(ValueLayout.JAVA_INT, expected.length);
      int count = (int) layout.invokeExact(values, expected.length);
      int[] actual = values.toArray(ValueLayout.JAVA_INT);
      if (count != expected.length || !Arrays.equals(actual, expected)) {
        throw new UnsatisfiedLinkError(
            "libtine.so is of another version: its layout is "
                + Arrays.toString(actual)
                + " instead of "
                + Arrays.toString(expected));
      }
    } catch (UnsatisfiedLinkError e) {
      throw e;
    } catch (Throwable e) {
      throw broken(e);
    }
  }
}
