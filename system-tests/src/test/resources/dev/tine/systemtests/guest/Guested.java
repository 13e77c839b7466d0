import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Exchanger;
import java.util.concurrent.ThreadLocalRandom;
import jdk.jfr.Recording;

/**
 * A program that knows nothing of Tine: Java 11, and no class of it on the class path. Reads its
 * input to the end, says what it is and draws, and exits.
 */
public final class Guested {
  private static final Exchanger<Long> OTHER_THREAD = new Exchanger<>();

  private Guested() {}

  public static void main(String[] args) throws Exception {
    SecureRandom[] generators = {
      new SecureRandom(), SecureRandom.getInstance("DRBG"), SecureRandom.getInstance("SHA1PRNG")
    };
    Thread other = new Thread(Guested::drawForever, "other");
    other.setDaemon(true);
    other.start();
    draw(generators); // every generator has a state that a copy would go on with
    Process process = new ProcessBuilder("sleep", "1000").start();
    Thread waiting = new Thread(() -> waitFor(process), "waiting");
    waiting.start();
    String parent = pid();
    if (Arrays.asList(args).contains("record")) {
      new Recording().start();
    }
    print("ready");
    while (System.in.read() >= 0) {
      // nothing is said to it
    }
    boolean isParent = parent.equals(pid());
    Map<String, String> report = draw(generators);
    report.put("who", isParent ? "parent" : "child");
    report.put("pid", pid());
    report.put("handle", Long.toString(ProcessHandle.current().pid()));
    report.put("bean", ManagementFactory.getRuntimeMXBean().getName().replaceAll("@.*", ""));
    report.put("process", stateOf(process));
    report.put("collector", collect());
    if (isParent) {
      process.destroyForcibly();
    }
    waiting.join();
    print("report " + report);
  }

  private static Map<String, String> draw(SecureRandom[] generators) throws InterruptedException {
    Map<String, String> drawn = new TreeMap<>();
    for (SecureRandom generator : generators) {
      drawn.put(generator.getAlgorithm(), Long.toHexString(generator.nextLong()));
    }
    drawn.put("UUID", UUID.randomUUID().toString());
    drawn.put("Math", Double.toString(Math.random()));
    drawn.put("ThreadLocalRandom", Long.toHexString(ThreadLocalRandom.current().nextLong()));
    drawn.put("new Random", Long.toHexString(new Random().nextLong()));
    drawn.put("new SplittableRandom", Long.toHexString(new SplittableRandom().nextLong()));
    OTHER_THREAD.exchange(0L);
    drawn.put("other thread", Long.toHexString(OTHER_THREAD.exchange(0L)));
    return drawn;
  }

  private static void drawForever() {
    try {
      while (true) {
        OTHER_THREAD.exchange(0L);
        // Not before it is asked for, which is after the fork.
        OTHER_THREAD.exchange(ThreadLocalRandom.current().nextLong());
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void waitFor(Process process) {
    try {
      process.waitFor();
    } catch (InterruptedException | IllegalStateException e) {
      // in a child it is told that there is nothing to wait for
    }
  }

  private static String stateOf(Process process) {
    try {
      return process.isAlive() ? "alive" : "ended with " + process.exitValue();
    } catch (IllegalStateException e) {
      return "foreign";
    }
  }

  private static String collect() {
    WeakReference<Object> garbage = new WeakReference<>(new byte[1 << 20]);
    System.gc();
    return garbage.get() == null ? "works" : "has left something";
  }

  private static String pid() throws IOException {
    return Files.readSymbolicLink(Paths.get("/proc/self")).toString();
  }

  /** One write: lines of several processes do not mix. */
  private static void print(String line) throws IOException {
    new FileOutputStream(FileDescriptor.out).write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
