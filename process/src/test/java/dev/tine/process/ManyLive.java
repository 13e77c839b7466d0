package dev.tine.process;

import static dev.tine.process.Kit.get;
import static dev.tine.process.Kit.text;
import static dev.tine.process.Stdio.STREAM;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A JVM with as many live subprocesses as its argument says, all of which echo. */
final class ManyLive {
  private ManyLive() {}

  /** Prints what they take; fails if that is too much, or an echo is wrong. */
  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    EventLoop loop = EventLoop.open("many");
    Command cat = Command.of("cat").stdin(STREAM).stdout(STREAM).stderr(STREAM).loop(loop);
    try (Subprocess first = cat.start()) { // everything is loaded
      get(first.stdin().write("x"));
      check(text(first.stdout().readBytes(1)).equals("x"), "the first echo is wrong");
    }
    int descriptors = Footprint.descriptors();
    Set<Long> threads = Footprint.threads();
    long heap = Footprint.heap();

    List<Subprocess> cats = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      cats.add(cat.start());
    }
    long heapEach = (Footprint.heap() - heap) / count;
    int descriptorsEach = (Footprint.descriptors() - descriptors + count - 1) / count;
    long newThreads = Footprint.threads().stream().filter(t -> !threads.contains(t)).count();
    List<CompletableFuture<byte[]>> echoes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      echoes.add(cats.get(i).stdout().readUntil("\n"));
      get(cats.get(i).stdin().write("number " + i + "\n"));
    }
    for (int i = 0; i < count; i++) {
      check(text(echoes.get(i)).equals("number " + i + "\n"), "echo " + i + " is wrong");
    }
    long heapAfterEcho = (Footprint.heap() - heap) / count;
    cats.forEach(p -> p.stdin().close());
    for (Subprocess p : cats) {
      check(get(p.exit()).isSuccess(), p + " has failed");
      p.close();
    }

    System.out.printf(
        "%d live: %d bytes of heap each, %d after an echo; %d descriptors each; %d threads more%n",
        count, heapEach, heapAfterEcho, descriptorsEach, newThreads);
    check(heapEach < 4096 && heapAfterEcho < 4096, "too much heap");
    check(descriptorsEach <= 4, "too many descriptors");
    check(newThreads <= 3, "too many threads");
    check(Footprint.descriptors() <= descriptors + 2, "descriptors are left");
    check(ProcessHandle.current().children().findAny().isEmpty(), "children are left");
    loop.close();
    get(loop.terminated());
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      System.out.println(message);
      System.exit(1);
    }
  }
}
