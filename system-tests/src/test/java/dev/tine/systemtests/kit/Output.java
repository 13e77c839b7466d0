package dev.tine.systemtests.kit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines that a program and all its forks print. */
public final class Output {
  private final List<String> lines = new ArrayList<>();
  private final List<String> unclaimed = new ArrayList<>();
  private boolean ended;

  /** Reads a stream to its end, on a thread of its own. */
  public Output(InputStream stream, String name) {
    Thread.ofPlatform().daemon().name(name).start(() -> read(stream));
  }

  /** All lines so far. */
  public synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  /** The first line that matches and that no call has returned yet; empty: none came in time. */
  public synchronized Optional<MatchResult> await(Pattern pattern, Duration limit)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    int looked = 0;
    while (true) {
      for (; looked < unclaimed.size(); looked++) {
        Matcher matcher = pattern.matcher(unclaimed.get(looked));
        if (matcher.matches()) {
          unclaimed.remove(looked);
          return Optional.of(matcher.toMatchResult());
        }
      }
      long restMs = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (ended || restMs <= 0) {
        return Optional.empty();
      }
      wait(restMs);
    }
  }

  /** Waits until every process that can write to it has ended or closed it. */
  public synchronized boolean awaitEnd(Duration limit) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    while (!ended) {
      long restMs = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (restMs <= 0) {
        return false;
      }
      wait(restMs);
    }
    return true;
  }

  private void read(InputStream stream) {
    try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line; (line = reader.readLine()) != null; ) {
        synchronized (this) {
          lines.add(line);
          unclaimed.add(line);
          notifyAll();
        }
      }
    } catch (IOException e) {
      // closed by TestJvm
    } finally {
      synchronized (this) {
        ended = true;
        notifyAll();
      }
    }
  }
}
