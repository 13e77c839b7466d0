package dev.tine.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Native memory through which bytes go to system calls: as many pieces as there were threads at a
 * time that wrote, for all streams together.
 */
final class Scratch {
  static final int BYTES = 65_536;

  private static final ConcurrentLinkedDeque<MemorySegment> FREE = new ConcurrentLinkedDeque<>();

  private Scratch() {}

  static MemorySegment borrow() {
    MemorySegment free = FREE.pollFirst();
    return free != null ? free : Arena.ofAuto().allocate(BYTES);
  }

  static void giveBack(MemorySegment piece) {
    FREE.addFirst(piece);
  }
}
