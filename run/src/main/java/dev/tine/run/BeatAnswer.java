package dev.tine.run;

import dev.tine.sys.Message;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a worker has said to the question whether it can run Java code.
 *
 * @param isOutOfMemory it could run, and not allocate
 * @param collection for how long it has collected garbage since it was booted; empty: unknown
 * @param deadlock empty: there is none, or it was not looked for
 * @param requests that it has begun since it was forked; empty: it does not count them
 * @param overdue what takes longest beyond its deadline; empty: nothing does
 */
record BeatAnswer(
    boolean isOutOfMemory,
    Optional<Duration> collection,
    Optional<Deadlock> deadlock,
    OptionalLong requests,
    Optional<Overdue> overdue) {
  private static final String OUT_OF_MEMORY = "memory";
  private static final Pattern COLLECTION = Pattern.compile("\\bgc=([0-9]{1,18})");
  private static final Pattern REQUESTS =
      Pattern.compile("^gc=-?[0-9]{1,18} requests=([0-9]{1,18})");
  private static final Pattern OVERDUE =
      Pattern.compile(
          "\\boverdue=([0-9]{1,18}) limit=([0-9]{1,18}) thread=\"([^\"]*)\" request=\"([^\"]*)\""
              + " at=\"([^\"]*)\"");
  private static final Pattern DEADLOCK =
      Pattern.compile("\\bdeadlocked=([0-9]{1,9}) waiting=([0-9]{1,9}) threads=(.*)");

  /**
   * Threads that wait for each other.
   *
   * @param threads in the circle
   * @param waiting more, for one of those
   * @param names of both, maybe cut
   */
  record Deadlock(int threads, int waiting, String names) {}

  /**
   * A request that takes longer than its handler has said it may.
   *
   * @param after for how long it has been handled
   * @param thread name of the one that handles it
   * @param request what it said that it is
   * @param at where it is, the innermost frame first
   */
  record Overdue(Duration after, Duration limit, String thread, String request, String at) {}

  /** Reads the text of a {@link Message.Type#ALIVE}, which a broken worker may have written. */
  static BeatAnswer of(String text) {
    Matcher overdue = OVERDUE.matcher(text);
    // What a program calls its request must not be taken for an answer of its JVM.
    String ofJvm = overdue.replaceFirst("");
    Matcher collection = COLLECTION.matcher(ofJvm);
    Matcher deadlock = DEADLOCK.matcher(ofJvm);
    Matcher requests = REQUESTS.matcher(ofJvm);
    overdue.reset();
    return new BeatAnswer(
        text.equals(OUT_OF_MEMORY),
        collection.find()
            ? Optional.of(Duration.ofMillis(Long.parseLong(collection.group(1))))
            : Optional.empty(),
        deadlock.find()
            ? Optional.of(
                new Deadlock(
                    Integer.parseInt(deadlock.group(1)),
                    Integer.parseInt(deadlock.group(2)),
                    deadlock.group(3)))
            : Optional.empty(),
        requests.find() ? OptionalLong.of(Long.parseLong(requests.group(1))) : OptionalLong.empty(),
        overdue.find()
            ? Optional.of(
                new Overdue(
                    Duration.ofMillis(Long.parseLong(overdue.group(1))),
                    Duration.ofMillis(Long.parseLong(overdue.group(2))),
                    overdue.group(3),
                    overdue.group(4),
                    overdue.group(5)))
            : Optional.empty());
  }
}
