package dev.tine.benchmarks.stress;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Data that every child inherits, and whose checksum it must find unchanged. */
final class Heirloom {
  private final int[][] numbers = new int[16][16 * 1024];
  private final String[] texts = new String[10_000];
  private final Map<String, Integer> hashed = new HashMap<>();
  private final Map<Integer, String> sorted = new TreeMap<>();
  private final Map<String, long[]> concurrent = new ConcurrentHashMap<>();
  private final long expected;

  Heirloom(long seed) {
    Random random = new Random(seed);
    for (int[] row : numbers) {
      Arrays.setAll(row, i -> random.nextInt());
    }
    for (int i = 0; i < texts.length; i++) {
      texts[i] = "text " + random.nextLong();
      hashed.put(texts[i], i);
      sorted.put(random.nextInt(), texts[i]);
      concurrent.put(texts[i], new long[] {i, random.nextLong()});
    }
    expected = checksum();
  }

  void check() {
    long actual = checksum();
    if (actual != expected) {
      throw new IllegalStateException(
          "inherited data has checksum %x, not %x".formatted(actual, expected));
    }
  }

  private long checksum() {
    long sum = 17;
    for (int[] row : numbers) {
      sum = 31 * sum + Arrays.hashCode(row);
    }
    for (int i = 0; i < texts.length; i++) {
      sum = 31 * sum + texts[i].length() + texts[i].charAt(i % texts[i].length());
      sum = 31 * sum + hashed.getOrDefault(texts[i], -1);
      sum = 31 * sum + Arrays.hashCode(concurrent.getOrDefault(texts[i], new long[0]));
    }
    for (Map.Entry<Integer, String> entry : sorted.entrySet()) {
      sum = 31 * sum + entry.getKey() + entry.getValue().length();
    }
    return sum;
  }
}
