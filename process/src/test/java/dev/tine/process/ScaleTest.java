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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many at a time, and many in a row. {@code -Dtine.scale=full} has the numbers that are promised
 * (10,000 live, 100,000 in a row, 2,000 blocked threads) and takes up to 15 minutes; without it
 * there are a tenth and fewer. Where the hard limit of descriptors is below 40,400 and may not be
 * raised, there are as many live ones as it allows.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
final class ScaleTest {
  private static final boolean FULL = "full".equals(System.getProperty("tine.scale"));
  private static final int LIVE = FULL ? 10_000 : 1_000;
  private static final int IN_A_ROW = FULL ? 100_000 : 2_000;
  private static final int BLOCKED = FULL ? 2_000 : 500;

  @Test
  void shouldHoldManyLiveSubprocesses() {
    long wanted = 4L * LIVE + 400; // each has four descriptors
    boolean enough = descriptorLimit() >= wanted;
    boolean more = !enough && canHave(wanted);
    int live = enough || more ? LIVE : (int) (descriptorLimit() - 400) / 4;
    Command jvm = OtherJvm.command(ManyLive.class, Integer.toString(live)).stdout(STREAM);
    if (more) {
      jvm = jvm.limit(Resource.DESCRIPTORS, wanted);
    }
    try (Subprocess many = jvm.start()) {
      String report = new String(many.stdout().readUntilClose().join(), UTF_8);
      System.out.print(report);
      assertThat(many.exit().join().isSuccess()).as(report).isTrue();
    }
  }

  @Test
  void shouldLeaveNothingOfManyInARow() throws Exception {
    EventLoop loop = EventLoop.open("row");
    Command command = Command.of("/bin/true").stdin(DISCARD).stdout(STREAM).loop(loop);
    for (int i = 0; i < 50; i++) {
      get(command.start().stdout().readUntilClose());
    }
    int descriptors = Footprint.descriptors();
    long heap = Footprint.heap();
    long startNanos = System.nanoTime();

    for (int i = 0; i < IN_A_ROW; i++) {
      Subprocess p = command.start();
      assertThat(get(p.stdout().readUntilClose())).isEmpty();
      assertThat(p.waitFor().isSuccess()).isTrue();
    }

    System.out.printf(
        "%d in a row: %.0f per second%n",
        IN_A_ROW, IN_A_ROW * 1e9 / (System.nanoTime() - startNanos));
    assertThat(Footprint.descriptors()).isLessThanOrEqualTo(descriptors);
    assertThat(Footprint.heap() - heap).isLessThan(2 << 20);
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
    Set<Long> before = Footprint.threads();
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

    long more = Footprint.threads().stream().filter(t -> !before.contains(t)).count();
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

  /** Whether a hard limit can be raised, which takes a privilege. */
  private static boolean canHave(long descriptors) {
    try {
      Command.of("true").limit(Resource.DESCRIPTORS, descriptors).start().close();
      return true;
    } catch (SpawnException e) {
      return false;
    }
  }

  /** The hard limit of this process. */
  private static long descriptorLimit() {
    try (var limits = Files.lines(Path.of("/proc/self/limits"))) {
      String line = limits.filter(l -> l.startsWith("Max open files")).findFirst().orElseThrow();
      String hard = line.split("\\s+", -1)[4];
      return hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
