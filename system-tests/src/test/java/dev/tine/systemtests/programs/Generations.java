package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.Signal;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A child of a child of a child; and a child for the tools of the JDK to look at. */
public final class Generations {
  private Generations() {}

  static void main() throws IOException {
    SelfCheck.prepare();
    Thread.ofPlatform().daemon().name("a thread to find").start(Generations::waitForEver);
    Program.serve(
        Map.of("fifty generations", () -> descend(50), "make a child", Generations::makeChild));
  }

  /** All generations are alive at once: each waits for the one that it made. */
  private static void descend(int generations) throws Exception {
    if (generations == 0) {
      SelfCheck.run(true);
      Program.say("the last generation");
      return;
    }
    Program.inChild(() -> {
      SelfCheck.run(generations % 10 == 0);
      descend(generations - 1);
    });
  }

  /** It lives until its standard input says so: that of this process, which waits for it. */
  private static void makeChild() throws Exception {
    ForkedProcess child = Program.fork(Generations::waitForEver);
    Program.say("child " + child.pid());
    check(System.in.read() == 'e', "standard input");
    check(child.signal(Signal.TERM), "SIGTERM was not sent");
    Program.expect(child, new ExitStatus.Exited(143));
  }

  private static void waitForEver() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
