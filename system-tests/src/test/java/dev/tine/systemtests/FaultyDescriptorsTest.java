package dev.tine.systemtests;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.FaultyDescriptors;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * A child that cannot get one of its descriptors ends, the parent is told why, and goes on; with
 * faults that are injected, and with limits of the kernel that are reached.
 */
class FaultyDescriptorsTest {
  @Test
  void shouldFailWhicheverDescriptorFails() {
    run("each descriptor");
  }

  @Test
  void shouldFailWhicheverMemberOfASetFails() {
    run("each member");
  }

  @Test
  void shouldNameTheLimitOfNumbers() {
    run("numbers of descriptors");
  }

  @Test
  void shouldLeaveNoWorkerForWhichThereIsNoNumber() {
    run("no number for a worker");
  }

  @Test
  void shouldForkOrNotWhileAnotherThreadTakesAllNumbers() {
    run("numbers are contended");
  }

  /** In a user namespace, which has a limit of its own. */
  @Test
  void shouldNameTheLimitOfInotify() throws Exception {
    int probe = new ProcessBuilder("unshare", "-Ur", "true").start().waitFor();
    assumeThat(probe).as("user namespaces").isZero();
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String start = "echo 5 >/proc/sys/user/max_inotify_instances && exec " + java + " \"$@\"";
    try (TestJvm jvm =
        TestJvm.of(FaultyDescriptors.class)
            .withFaults()
            .launcher("unshare", "-Ur", "sh", "-c", start, "sh")
            .start()) {
      jvm.run("instances of inotify");
      jvm.succeed();
    }
  }

  private static void run(String command) {
    try (TestJvm jvm = TestJvm.of(FaultyDescriptors.class).withFaults().start()) {
      jvm.run(command);
      jvm.succeed();
    }
  }
}
