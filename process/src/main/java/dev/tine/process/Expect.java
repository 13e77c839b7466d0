package dev.tine.process;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * A conversation with a program: wait for what it says, answer. Its methods wait; a virtual thread
 * that does so does not hold its carrier. For one thread at a time.
 */
public final class Expect {
  private static final Duration DEFAULT_LIMIT = Duration.ofSeconds(30);

  private final ReadStream output;
  private final WriteStream input;
  private final StringBuilder transcript = new StringBuilder();
  private Duration limit = DEFAULT_LIMIT;

  /** A conversation over the two streams of a subprocess. */
  public Expect(ReadStream output, WriteStream input) {
    this.output = output;
    this.input = input;
  }

  /**
   * What was found.
   *
   * @param index which of the alternatives it is, from 0
   * @param before what came before it
   * @param text it
   * @param groups the groups of the pattern, from 1 on; empty text for one that has matched nothing
   */
  public record Match(int index, String before, String text, List<String> groups) {
    /** Keeps a copy. */
    public Match {
      groups = List.copyOf(groups);
    }
  }

  /** The time that each wait may take from here on; 30 seconds unless it is set. */
  public Expect timeout(Duration limit) {
    this.limit = limit;
    return this;
  }

  /** Waits for a text. */
  public Match expect(String text) throws InterruptedException {
    return expectAny(literal(text));
  }

  /** Waits for the first match of a pattern. Each byte is one character to it, as in ISO-8859-1. */
  public Match expectRegex(String pattern) throws InterruptedException {
    return expectAny(Pattern.compile(pattern));
  }

  /**
   * Waits for whichever of some patterns matches first in what the program writes; if several begin
   * at the same place, the first of them.
   *
   * @throws ExpectException if none does in the time, or before the output ends
   */
  public Match expectAny(Pattern... patterns) throws InterruptedException {
    ReadFuture<Match> match;
    try {
      match = output.read(new ReadRequest.UntilAny(EventLoop.ON_LOOP, List.of(patterns)));
    } catch (StreamClosedException e) {
      throw failure("the output has ended", patterns, e);
    }
    try {
      return noted(match.get(EventLoop.toNanos(limit), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      if (!match.cancel(false)) {
        return noted(match.join()); // it came just now
      }
      throw failure("not within " + limit.toMillis() + " ms", patterns, e);
    } catch (InterruptedException e) {
      match.cancel(false);
      throw e;
    } catch (ExecutionException e) {
      throw failure("the output has ended", patterns, e);
    }
  }

  /** A pattern for a text as it is. */
  public static Pattern literal(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return Pattern.compile(new String(utf8, StandardCharsets.ISO_8859_1), Pattern.LITERAL);
  }

  /** Types a text; returns when the program can read it. */
  public Expect send(String text) throws InterruptedException {
    try {
      input.write(text).get();
    } catch (ExecutionException e) {
      throw new ExpectException("could not send \"" + text + "\"; so far:\n" + transcript, e);
    }
    return this;
  }

  /** Types a line. */
  public Expect sendLine(String line) throws InterruptedException {
    return send(line + "\n");
  }

  /** All that was waited for, with what came before it. */
  public String transcript() {
    return transcript.toString();
  }

  private Match noted(Match match) {
    transcript.append(match.before()).append(match.text());
    return match;
  }

  private ExpectException failure(String why, Pattern[] patterns, Throwable cause) {
    List<String> wanted = new ArrayList<>();
    for (Pattern pattern : patterns) {
      byte[] bytes = pattern.pattern().getBytes(StandardCharsets.ISO_8859_1);
      wanted.add("\"" + new String(bytes, StandardCharsets.UTF_8) + "\"");
    }
    String rest = new String(output.peek(), StandardCharsets.UTF_8);
    return new ExpectException(
        "expected "
            + String.join(" or ", wanted)
            + " from "
            + output
            + ": "
            + why
            + ". So far it wrote:\n"
            + transcript
            + rest,
        cause);
  }

  /** Makes a match of bytes. */
  static Match match(int index, byte[] bytes, int begin, List<byte[]> groups) {
    return new Match(
        index,
        new String(bytes, 0, begin, StandardCharsets.UTF_8),
        new String(Arrays.copyOfRange(bytes, begin, bytes.length), StandardCharsets.UTF_8),
        groups.stream().map(group -> new String(group, StandardCharsets.UTF_8)).toList());
  }
}
