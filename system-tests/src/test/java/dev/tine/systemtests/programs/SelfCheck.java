package dev.tine.systemtests.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.zip.CRC32;

/**
 * A quick look whether this JVM is whole: it remembers, computes, allocates, collects and starts
 * threads.
 */
final class SelfCheck {
  private static final int KEPT = 16; // one block in so many

  private static final byte[][] INHERITED =
      IntStream.range(0, 64).mapToObj(SelfCheck::block).toArray(byte[][]::new);
  private static final long SUM = checksum();

  private SelfCheck() {}

  /** Makes the data that children inherit. */
  static void prepare() {
    Program.checkEqual(checksum(), SUM, "checksum");
  }

  /** Throws if anything is wrong. */
  static void run(boolean collect) throws Exception {
    Program.checkEqual(checksum(), SUM, "checksum of inherited data");
    allocate(16);
    if (collect) {
      System.gc();
    }
    Program.checkEqual(LongStream.rangeClosed(1, 100_000).parallel().sum(), 5_000_050_000L, "sum");
    Program.checkEqual(
        CompletableFuture.supplyAsync(() -> 42).get(20, TimeUnit.SECONDS), 42, "common pool");
    try (ExecutorService threads = Executors.newCachedThreadPool();
        ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
      Program.checkEqual(
          threads.submit(() -> 6 * 7).get(20, TimeUnit.SECONDS), 42, "new platform thread");
      Program.checkEqual(
          virtual.submit(() -> 6 * 7).get(20, TimeUnit.SECONDS), 42, "new virtual thread");
    }
    Program.checkEqual(checksum(), SUM, "checksum of inherited data, later");
  }

  /** The part that needs no new thread. */
  static void remember() {
    Program.checkEqual(checksum(), SUM, "checksum");
    allocate(16);
    System.gc();
  }

  /** Allocates, and checks what was allocated. */
  static void allocate(int megabytes) {
    List<int[]> kept = new ArrayList<>();
    for (int i = 0; i < megabytes * 16; i++) {
      int[] block = new int[16 * 1024];
      block[i % block.length] = i;
      if (i % KEPT == 0) {
        kept.add(block);
      }
    }
    for (int i = 0; i < kept.size(); i++) {
      Program.checkEqual(kept.get(i)[KEPT * i % (16 * 1024)], KEPT * i, "allocated data");
    }
  }

  static long checksum() {
    CRC32 sum = new CRC32();
    for (byte[] block : INHERITED) {
      sum.update(block);
    }
    return sum.getValue();
  }

  /** Overwrites the inherited data; for children that can show that their parent's is another. */
  static void spoil() {
    for (byte[] block : INHERITED) {
      for (int i = 0; i < block.length; i++) {
        block[i] ^= 0x55;
      }
    }
  }

  private static byte[] block(int seed) {
    byte[] block = new byte[64 * 1024];
    for (int i = 0; i < block.length; i++) {
      block[i] = (byte) (i * 31 + seed * 17);
    }
    return block;
  }
}
