package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.RunJvm;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tine run} where something has run out: readers, disks, descriptors. */
@Timeout(120)
class RunShortageTest {
  private static final List<String> OPTIONS = List.of("--workers", "1", "--warmup-requests", "5");

  private static List<String> outputTo(Path file) {
    return List.of("sh", "-c", "exec \"$0\" \"$@\" >" + file);
  }

  /** A pager that is not read on, Ctrl-S, a collector of logs that hangs. */
  @Test
  void shouldServeReplaceAndStopWhenNobodyReadsItsOutput(@TempDir Path directory) throws Exception {
    Path pipe = directory.resolve("output");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try (var reader = new RandomAccessFile(pipe.toFile(), "rw");
        RunJvm run = RunJvm.plain(outputTo(pipe), OPTIONS)) {
      long first = run.awaitWorker(0);
      // More than pipes and the monitor have room for: it waits for some seconds, and goes on.
      assertThat(RunJvm.pidIn(run.get("/print-much?4000"))).isEqualTo(first);
      assertThat(RunJvm.pidIn(run.get("/print-much?4000"))).isEqualTo(first);

      Kill.process(first, Signal.KILL);
      assertThat(RunJvm.pidIn(run.get("/"))).isNotEqualTo(first);
      assertThat(run.tine(0, "logs")).contains("worker-exit id=0 pid=" + first);
      assertThat(run.tine(0, "status")).contains("worker");
      assertThat(reader.readLine()).startsWith("boot | ");
      run.stop();
    }
  }

  @Test
  void shouldServeAndReplaceAWorkerThatIsStuckWhenTheDiskIsFull(@TempDir Path directory)
      throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "who can mount");
    List<String> launcher =
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs -o size=64k tine-test %1$s && exec \"$0\" \"$@\" >%1$s/log"
                .formatted(directory));
    List<String> options =
        List.of(
            "--workers",
            "1",
            "--warmup-requests",
            "5",
            "--liveness-interval",
            "250ms",
            "--liveness-timeout",
            "2s",
            "--stop-timeout",
            "2s",
            "--evidence-dir",
            directory.toString());
    try (RunJvm run = RunJvm.plain(launcher, options)) {
      long first = run.awaitWorker(0);
      assertThat(RunJvm.pidIn(run.get("/print-much?500"))).isEqualTo(first);
      Kill.process(first, Signal.STOP);
      run.monitor()
          .awaitErrorLine(
              "tine: worker-stuck id=0 pid=%d gen=1 kind=stopped action=replace .*".formatted(first)
                  + "no-evidence=\".*No space left on device\"");
      run.monitor().awaitErrorLine("tine: worker-exit id=0 pid=" + first + " .*");
      assertThat(RunJvm.pidIn(run.get("/"))).isEqualTo(run.awaitWorker(0));
      run.stop();
    }
  }

  @Test
  void shouldTellThatTheRuntimeDirectoryIsFull(@TempDir Path directory) {
    assumeTrue(System.getProperty("user.name").equals("root"), "who can mount");
    List<String> launcher =
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs -o size=16k,mode=700 tine-test %1$s && XDG_RUNTIME_DIR=%1$s exec \"$0\" \"$@\""
                .formatted(directory));
    try (RunJvm run = RunJvm.plain(launcher, OPTIONS)) {
      run.monitor()
          .awaitErrorLine("tine run: cannot write the library to be preloaded, .*No space left.*");
      run.expectExit(1);
    }
  }

  @Test
  void shouldServeWhenItsOutputCannotBeWritten() throws IOException {
    try (RunJvm run = RunJvm.plain(outputTo(Path.of("/dev/full")), OPTIONS)) {
      long pid = run.awaitWorker(0);
      assertThat(RunJvm.pidIn(run.get("/print-much?4000"))).isEqualTo(pid);
      run.stop();
    }
  }

  /** The last descriptors are not for workers: it still answers, and can be told to have fewer. */
  @Test
  void shouldServeOnWhenThereAreNoDescriptorsForMoreWorkers() throws IOException {
    List<String> launcher = List.of("prlimit", "--nofile=100:100");
    try (RunJvm run = RunJvm.plain(launcher, OPTIONS)) {
      long first = run.awaitWorker(0);
      run.tine(0, "scale", "40");
      run.monitor()
          .awaitErrorLine(
              "tine: fork-failed id=[0-9]+ stage=ORDER retry=1.0s reason=\".*: Too many open"
                  + " files\"");
      Kill.process(first, Signal.KILL);
      run.monitor().awaitErrorLine("tine: worker-exit id=0 pid=" + first + " .*");
      run.tine(0, "scale", "2");
      run.answersOf(2);
      run.stop();
    }
  }
}
