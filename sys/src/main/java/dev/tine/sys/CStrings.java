package dev.tine.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Bytes as C has them: ended by NUL, and lists of them ended by NULL. */
final class CStrings {
  private CStrings() {}

  /** {@code char *}. */
  static MemorySegment string(Arena arena, byte[] bytes) {
    MemorySegment string = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, string, JAVA_BYTE, 0, bytes.length);
    return string;
  }

  /**
   * {@code char *[]}.
   *
   * @param spare how many places to leave free before the first
   */
  static MemorySegment list(Arena arena, List<byte[]> strings, int spare) {
    long size = 0;
    for (byte[] string : strings) {
      size += string.length + 1L;
    }
    MemorySegment pointers = arena.allocate(ADDRESS, spare + strings.size() + 1L);
    MemorySegment text = arena.allocate(Math.max(1, size));
    long at = 0;
    int index = spare;
    for (byte[] string : strings) {
      MemorySegment.copy(string, 0, text, JAVA_BYTE, at, string.length);
      pointers.setAtIndex(ADDRESS, index++, MemorySegment.ofAddress(text.address() + at));
      at += string.length + 1L;
    }
    return pointers;
  }

  /** Whether C would take these bytes for shorter ones. */
  static boolean containsNul(byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }
}
