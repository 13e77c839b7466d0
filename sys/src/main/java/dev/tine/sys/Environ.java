package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The environment of this process, environ(7), byte for byte: not all of it needs to be text. */
public final class Environ {
  // Safety: environ is a char **, which every process has.
  private static final MemorySegment POINTER =
      Linker.nativeLinker().defaultLookup().findOrThrow("environ").reinterpret(ADDRESS.byteSize());

  private Environ() {}

  /** All entries, {@code NAME=value} as a rule. */
  public static List<byte[]> entries() {
    List<byte[]> entries = new ArrayList<>();
    // Safety: the list ends with NULL, and each string with NUL. That nobody changes it meanwhile
    // is
    // what all of a JVM relies on: it has no lock.
    MemorySegment list = POINTER.get(ADDRESS, 0).reinterpret(Long.MAX_VALUE);
    for (long i = 0; list.address() != 0; i++) {
      MemorySegment entry = list.getAtIndex(ADDRESS, i);
      if (entry.address() == 0) {
        break;
      }
      entries.add(copy(entry.reinterpret(Long.MAX_VALUE)));
    }
    return entries;
  }

  /** The value of the first entry with a name. */
  public static Optional<byte[]> value(List<byte[]> entries, byte[] name) {
    for (byte[] entry : entries) {
      if (isNamed(entry, name)) {
        return Optional.of(Arrays.copyOfRange(entry, name.length + 1, entry.length));
      }
    }
    return Optional.empty();
  }

  /** Whether an entry is {@code name=...}. */
  public static boolean isNamed(byte[] entry, byte[] name) {
    return entry.length > name.length
        && entry[name.length] == '='
        && Arrays.equals(entry, 0, name.length, name, 0, name.length);
  }

  private static byte[] copy(MemorySegment string) {
    long length = 0;
    while (string.get(JAVA_BYTE, length) != 0) {
      length++;
    }
    return string.asSlice(0, length).toArray(JAVA_BYTE);
  }
}
