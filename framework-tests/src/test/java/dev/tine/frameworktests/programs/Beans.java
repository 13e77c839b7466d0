package dev.tine.frameworktests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.fail;

import dev.tine.fork.ForkException;
import dev.tine.systemtests.programs.Program;
import java.util.Map;
import org.crac.CheckpointException;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** An application context without a server, some of whose beans hear of forks through org.crac. */
public final class Beans {
  private Beans() {}

  static void main() throws Exception {
    try (var context = new AnnotationConfigApplicationContext(Watched.class)) {
      Watched watched = context.getBean(Watched.class);
      Program.serve(
          Map.of(
              "beans are not restarted",
              () -> fork(watched, "checkpoints 1 restores 1 starts 1 stops 0"),
              "beans are restarted",
              () -> fork(watched, "checkpoints 1 restores 1 starts 2 stops 1"),
              "nothing is told",
              () -> fork(watched, "checkpoints 0 restores 0 starts 1 stops 0"),
              "a resource refuses",
              Beans::refuse,
              "a checkpoint is asked for",
              Beans::checkpoint));
    }
    // Spring's thread "prevent-shutdown" outlives the restore it was started for.
    System.exit(0);
  }

  private static void fork(Watched watched, String expected) throws Exception {
    Program.inChild(() -> checkEqual(watched.toString(), expected, "in the child"));
    checkEqual(watched.toString(), expected, "in the parent");
  }

  private static void refuse() throws Exception {
    var refusing = new Refusing();
    Core.getGlobalContext().register(refusing);
    try {
      Program.inChild(() -> {});
      fail("it was forked");
    } catch (ForkException e) {
      checkEqual(e.stage(), ForkException.Stage.LISTENER, "stage");
      check(Program.trace(e).contains("no checkpoint"), "%s", Program.trace(e));
    }
    refusing.refuses = false;
    Program.inChild(() -> {});
    checkEqual(refusing.restores, 2, "notifications of the restore");
  }

  private static void checkpoint() throws Exception {
    try {
      Core.checkpointRestore();
      fail("there is a checkpoint");
    } catch (CheckpointException e) {
      check(Program.trace(e).contains("call JvmFork.fork()"), "%s", Program.trace(e));
    }
  }

  /** It does not let a fork happen. */
  private static final class Refusing implements Resource {
    private boolean refuses = true;
    private int restores;

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
      if (refuses) {
        throw new IllegalStateException("no checkpoint");
      }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
      restores++;
    }
  }
}
