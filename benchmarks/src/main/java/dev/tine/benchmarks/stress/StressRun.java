package dev.tine.benchmarks.stress;

import dev.tine.benchmarks.Evidence;
import dev.tine.fork.ExitStatus;
import dev.tine.fork.Fork;
import dev.tine.fork.ForkException;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import dev.tine.fork.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;

/**
 * The JVM that is forked. Says line by line what became of each fork: {@code forked MICROSECONDS},
 * then one of {@code right}, {@code lost}, {@code hung}, {@code wrong}, {@code refused}; and {@code
 * end}.
 */
public final class StressRun {
  private static final Duration CHILD_LIMIT = Duration.ofSeconds(60);
  private static final int WARM_UP = 20;
  private static final int WARM_UP_BRIEF = 200;
  private static final int MOST_ALIVE = 2;
  private static final int MOST_ALIVE_BRIEF = 16;
  private static final int FORKS_PER_CHECK = 50;

  private final Heirloom heirloom;
  private final Background background;
  private final Random random;
  private final Path directory;
  private final boolean brief;
  private final Optional<Crowd> crowd;
  private final List<Child> alive = new ArrayList<>();
  private final ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();

  private StressRun(
      int idleThreads, int virtualThreads, long seed, Path directory, boolean brief, boolean crowd)
      throws Exception {
    this.heirloom = new Heirloom(seed);
    if (!Home.isHere()) { // remembers where that is
      throw new AssertionError();
    }
    this.background = new Background(idleThreads, virtualThreads, brief);
    this.random = new Random(seed);
    this.directory = directory;
    this.brief = brief;
    this.crowd = crowd ? Optional.of(new Crowd()) : Optional.empty();
  }

  private record Child(Plan plan, ForkedProcess process, long deadlineNanos) {}

  /** Arguments: forks, idle threads, virtual threads, seed, directory for notes, brief, crowd. */
  public static void main(String[] args) throws Exception {
    try {
      new StressRun(
              Integer.parseInt(args[1]),
              Integer.parseInt(args[2]),
              Long.parseLong(args[3]),
              Path.of(args[4]),
              Boolean.parseBoolean(args[5]),
              Boolean.parseBoolean(args[6]))
          .run(Integer.parseInt(args[0]));
      Runtime.getRuntime().halt(0);
    } catch (Throwable e) {
      Home.wrong("the forking JVM itself", e);
    }
  }

  private void run(int forks) throws Exception {
    for (int i = 0;
        i < (brief ? WARM_UP_BRIEF : WARM_UP);
        i++) { // compiled once here, and not in each child again
      new ChildLife(heirloom, background, crowd, List.of())
          .check(Plan.of(i, random, directory, brief));
    }
    int wanted = 1;
    for (int begun = 0; begun < forks || !alive.isEmpty(); ) {
      if (begun < forks && alive.size() < wanted) {
        fork(Plan.of(begun++, random, directory, brief));
        wanted = 1 + random.nextInt(brief ? MOST_ALIVE_BRIEF : MOST_ALIVE);
        if (begun % FORKS_PER_CHECK == 0) {
          checkSelf();
        }
      }
      for (Child child : List.copyOf(alive)) {
        if (isOver(child)) {
          alive.remove(child);
          Files.deleteIfExists(child.plan().notes());
          Files.deleteIfExists(child.plan().ofGrandchild().notes());
        }
      }
      Thread.sleep(1);
    }
    System.out.println("end");
  }

  private void fork(Plan plan) throws Exception {
    List<Future<Long>> inFlight = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      inFlight.add(background.pool.submit(ChildLife::work));
    }
    try {
      long begin = System.nanoTime();
      // In the child, it is the copy of this thread that lives on, whichever thread has called
      // fork().
      Fork fork =
          switch (plan.forker()) {
            case MAIN -> JvmFork.fork();
            case POOLED -> background.pool.submit(() -> JvmFork.fork()).get();
            case VIRTUAL -> virtual.submit(() -> JvmFork.fork()).get();
          };
      switch (fork) {
        case Fork.Child() -> new ChildLife(heirloom, background, crowd, inFlight).live(plan);
        case Fork.Parent(ForkedProcess child) -> {
          long end = System.nanoTime();
          System.out.println("forked " + (end - begin) / 1000);
          alive.add(new Child(plan, child, end + CHILD_LIMIT.toNanos()));
        }
      }
    } catch (ForkException e) {
      refused(plan, e);
    } catch (ExecutionException e) {
      refused(plan, e.getCause() == null ? e : e.getCause());
    }
  }

  private static void refused(Plan plan, Throwable cause) {
    if (!Home.isHere()) {
      Home.wrong(
          plan.toString(), cause); // or the child would go on in the place of its parent, and fork
    }
    System.err.println(plan + " was refused: " + cause);
    if (!(cause instanceof ForkException)) {
      cause.printStackTrace();
    }
    System.out.println("refused");
  }

  /** Whether the child has ended, or has been given up; says which. */
  private boolean isOver(Child child) throws Exception {
    ForkedProcess process = child.process();
    if (!process.isAlive()) {
      judge(child, process.waitFor());
      return true;
    }
    if (child.plan().ending().sleeps() && isAsleep(child.plan())) {
      process.signal(child.plan().ending().signal());
    }
    if (System.nanoTime() > child.deadlineNanos()) {
      System.err.printf(
          "%s hangs in step '%s':%n", name(child), Files.readString(child.plan().notes()));
      Evidence.ofHanging(process.pid(), System.err);
      process.signal(Signal.KILL);
      System.out.println("hung");
      return true;
    }
    return false;
  }

  private static boolean isAsleep(Plan plan) throws IOException {
    return Files.exists(plan.notes()) && Files.readString(plan.notes()).equals(Plan.ASLEEP);
  }

  private void judge(Child child, ExitStatus actual) {
    ExitStatus expected = child.plan().ending().status(child.plan().code());
    if (actual.equals(expected)) {
      System.out.println("right");
      return;
    }
    System.err.printf("%s %s, but it was to be: %s%n", name(child), actual, expected);
    if (actual instanceof ExitStatus.Exited) {
      System.out.println("wrong");
    } else {
      Evidence.ofCrashed(directory, child.process().pid(), System.err);
      System.out.println("lost");
    }
  }

  /** The parent, too, must go on as before. */
  private void checkSelf() throws Exception {
    heirloom.check();
    try {
      background.checkGoesOn(random);
      if (crowd.isPresent()) {
        crowd.get().checkGoesOn();
      }
    } catch (TimeoutException e) {
      System.err.println("the forking JVM itself: " + e.getMessage());
      System.out.println("wrong");
    }
  }

  private static String name(Child child) {
    return "process " + child.process().pid() + " (" + child.plan() + ")";
  }
}
