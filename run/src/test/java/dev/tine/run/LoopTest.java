package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.sys.FileCall;
import dev.tine.sys.Pidfd;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LoopTest {
  private final Loop loop = new Loop();
  private final List<String> seen = new ArrayList<>();

  @AfterEach
  void close() {
    loop.close();
  }

  @Test
  void shouldRunTimersByTheirTimes() {
    loop.after(Duration.ofMillis(30), loop::stop);
    loop.after(Duration.ofMillis(20), () -> seen.add("second"));
    loop.after(Duration.ofMillis(10), () -> seen.add("first"));
    loop.after(Duration.ofMillis(15), () -> seen.add("never")).cancel();
    loop.run();
    assertThat(seen).containsExactly("first", "second");
  }

  @Test
  void shouldRunWhatOtherThreadsPost() {
    Thread.ofPlatform().start(() -> loop.post(loop::stop));
    loop.run();
  }

  @Test
  void shouldNotReadFromAFileThatGotTheNumberOfOneThatWasReadable() {
    FileCall.Pipe first = FileCall.pipe();
    FileCall.Pipe second = FileCall.pipe();
    ring(first);
    ring(second);
    loop.watch(first.readFd(), () -> takeTheNumberOf(second, first));
    loop.watch(second.readFd(), () -> seen.add("the old one"));
    loop.after(Duration.ofMillis(50), loop::stop);
    loop.run();
    assertThat(seen).containsExactly("replaced");
    Pidfd.close(first.readFd());
    Pidfd.close(first.writeFd());
    Pidfd.close(second.writeFd());
  }

  /** What the end of one process does when another is started at once. */
  private void takeTheNumberOf(FileCall.Pipe closed, FileCall.Pipe own) {
    loop.unwatch(own.readFd());
    loop.unwatch(closed.readFd());
    Pidfd.close(closed.readFd());
    FileCall.Pipe empty = FileCall.pipe();
    assertThat(empty.readFd()).isEqualTo(closed.readFd());
    loop.watch(empty.readFd(), () -> seen.add("read from what is empty"));
    seen.add("replaced");
    loop.after(
        Duration.ofMillis(30),
        () -> {
          loop.unwatch(empty.readFd());
          Pidfd.close(empty.readFd());
          Pidfd.close(empty.writeFd());
        });
  }

  private static void ring(FileCall.Pipe pipe) {
    try (Arena arena = Arena.ofConfined()) {
      assertThat(FileCall.write(pipe.writeFd(), arena.allocate(1), 1)).isEqualTo(1);
    }
  }
}
