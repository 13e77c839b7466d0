package dev.tine.run;

import dev.tine.sys.Message;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a worker has said to the question whether it can run Java code.
 *
 * @param isOutOfMemory it could run, and not allocate
 * @param collection for how long it has collected garbage since it was booted; empty: unknown
 * @param deadlock empty: there is none, or it was not looked for
 */
record BeatAnswer(
    boolean isOutOfMemory, Optional<Duration> collection, Optional<Deadlock> deadlock) {
  private static final String OUT_OF_MEMORY = "memory";
  private static final Pattern COLLECTION = Pattern.compile("\\bgc=([0-9]{1,18})");
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

  /** Reads the text of a {@link Message.Type#ALIVE}, which a broken worker may have written. */
  static BeatAnswer of(String text) {
    Matcher collection = COLLECTION.matcher(text);
    Matcher deadlock = DEADLOCK.matcher(text);
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
            : Optional.empty());
  }
}
