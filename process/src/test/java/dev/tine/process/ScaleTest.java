package dev.tine.process;

import static dev.tine.process.Kit.get;
import static dev.tine.process.Stdio.DISCARD;
import static dev.tine.process.Stdio.STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many at a time, and many in a row. {@code -Dtine.scale=full} has the numbers that are promised
 * (10,000 live, 100,000 in a row, 2,000 blocked threads) and needs a limit of 50,000 descriptors
 * and 15 minutes; without it there are a tenth and fewer.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
final class ScaleTest {
  private static final boolean FULL = "full".equals(System.getProperty("tine.scale"));
  private static final int LIVE = FULL ? Math.min(10_000, descriptorLimit() / 4 - 100) : 500;
  private static final int IN_A_ROW = FULL ? 100_000 : 2_000;
  private static final int BLOCKED = FULL ? 2_000 : 500;

  @Test
  void shouldHoldManyLiveSubprocesses() throws Exception {
    EventLoop loop = EventLoop.open("many");
    Command cat = Command.of("cat").stdin(STREAM).stdout(STREAM).stderr(STREAM).loop(loop);
    echo(cat.start()).close(); // everything is loaded
    int descriptors = descriptors();
    Set<Long> threads = threads();
    long heap = heap();

    List<Subprocess> cats = new ArrayList<>(LIVE);
    for (int i = 0; i < LIVE; i++) {
      cats.add(cat.start());
    }
    long heapEach = (heap() - heap) / LIVE;
    int descriptorsEach = (descriptors() - descriptors + LIVE - 1) / LIVE;
    long newThreads = threads().stream().filter(t -> !threads.contains(t)).count();
    List<CompletableFuture<byte[]>> echoes = new ArrayList<>(LIVE);
    for (int i = 0; i < LIVE; i++) {
      echoes.add(cats.get(i).stdout().readUntil("\n"));
      get(cats.get(i).stdin().write("number " + i + "\n"));
    }
    for (int i = 0; i < LIVE; i++) {
      assertThat(new String(get(echoes.get(i)), UTF_8)).isEqualTo("number " + i + "\n");
    }
    long heapAfterEcho = (heap() - heap) / LIVE;
    cats.forEach(p -> p.stdin().close());
    for (Subprocess p : cats) {
      assertThat(get(p.exit()).isSuccess()).isTrue();
      p.close();
    }

    System.out.printf(
        "%d live: %d bytes of heap each, %d after an echo; %d descriptors each; %d threads more%n",
        LIVE, heapEach, heapAfterEcho, descriptorsEach, newThreads);
    assertThat(heapEach).isLessThan(4096);
    assertThat(descriptorsEach).isLessThanOrEqualTo(4);
    assertThat(newThreads).isLessThanOrEqualTo(3);
    assertThat(descriptors()).isLessThanOrEqualTo(descriptors + 2);
    loop.close();
    get(loop.terminated());
  }

  @Test
  void shouldLeaveNothingOfManyInARow() throws Exception {
    EventLoop loop = EventLoop.open("row");
    Command command = Command.of("/bin/true").stdin(DISCARD).stdout(STREAM).loop(loop);
    for (int i = 0; i < 50; i++) {
      get(command.start().stdout().readUntilClose());
    }
    int descriptors = descriptors();
    long heap = heap();
    long startNanos = System.nanoTime();

    for (int i = 0; i < IN_A_ROW; i++) {
      Subprocess p = command.start();
      assertThat(get(p.stdout().readUntilClose())).isEmpty();
      assertThat(p.waitFor().isSuccess()).isTrue();
    }

    System.out.printf(
        "%d in a row: %.0f per second%n",
        IN_A_ROW, IN_A_ROW * 1e9 / (System.nanoTime() - startNanos));
    assertThat(descriptors()).isLessThanOrEqualTo(descriptors);
    assertThat(heap() - heap).isLessThan(2 << 20);
    assertThat(ProcessHandle.current().children()).isEmpty();
    loop.close();
    get(loop.terminated());
  }

  @Test
  void shouldNotHoldCarriersWhileVirtualThreadsRead() throws Exception {
    Command cat = Command.of("cat").stdin(STREAM).stdout(STREAM);
    echo(cat.start()).close();
    List<Subprocess> cats = new ArrayList<>();
    for (int i = 0; i < BLOCKED; i++) {
      cats.add(cat.start());
    }
    Set<Long> before = threads();
    List<Thread> readers = new ArrayList<>();
    List<String> read = new ArrayList<>();
    CountDownLatch begun = new CountDownLatch(BLOCKED);
    for (Subprocess p : cats) {
      readers.add(
          Thread.startVirtualThread(() -> {
            begun.countDown();
            try (InputStream in = p.stdout().asInputStream()) {
              String text = new String(in.readNBytes(4), UTF_8);
              synchronized (read) {
                read.add(text);
              }
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          }));
    }
    begun.await();
    for (Thread reader : readers) {
      while (reader.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
    }

    long more = threads().stream().filter(t -> !before.contains(t)).count();
    for (Subprocess p : cats) {
      get(p.stdin().write("echo"));
    }
    for (Thread reader : readers) {
      reader.join();
    }

    assertThat(read).hasSize(BLOCKED).allMatch("echo"::equals);
    assertThat(more).isLessThanOrEqualTo(Runtime.getRuntime().availableProcessors());
    cats.forEach(p -> p.stdin().close());
    for (Subprocess p : cats) {
      get(p.exit());
      p.close();
    }
  }

  private static Subprocess echo(Subprocess cat) {
    get(cat.stdin().write("x"));
    assertThat(get(cat.stdout().readBytes(1))).hasSize(1);
    return cat;
  }

  /** Of this process: 10,000 live subprocesses have 40,000. */
  private static int descriptorLimit() {
    try (var limits = Files.lines(Path.of("/proc/self/limits"))) {
      String line = limits.filter(l -> l.startsWith("Max open files")).findFirst().orElseThrow();
      return Integer.parseInt(line.split("\\s+", -1)[3]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int descriptors() throws Exception {
    try (var list = Files.list(Path.of("/proc/self/fd"))) {
      return (int) list.count();
    }
  }

  private static Set<Long> threads() throws Exception {
    try (var list = Files.list(Path.of("/proc/self/task"))) {
      return list.map(p -> Long.valueOf(p.getFileName().toString())).collect(Collectors.toSet());
    }
  }

  /** Used heap; what nobody needs does not count. */
  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
