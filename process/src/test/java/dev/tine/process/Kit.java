package dev.tine.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What many tests need. */
final class Kit {
  static final Duration LIMIT = Duration.ofSeconds(60);

  private Kit() {}

  /** What a future comes to, within the time that a test has. */
  static <T> T get(CompletableFuture<T> future) {
    try {
      return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new CompletionException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** Why a future fails. */
  static Throwable failure(CompletableFuture<?> future) {
    try {
      get(future);
    } catch (CompletionException e) {
      return Objects.requireNonNull(e.getCause());
    }
    throw new AssertionError("it did not fail: " + future);
  }

  static String text(CompletableFuture<byte[]> future) {
    return new String(get(future), UTF_8);
  }

  static Command shell(String script, String... arguments) {
    String[] all = new String[arguments.length + 4];
    all[0] = "/bin/sh";
    all[1] = "-c";
    all[2] = script;
    all[3] = "sh";
    System.arraycopy(arguments, 0, all, 4, arguments.length);
    return Command.of(all);
  }

  static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (i * 31 + i / 251);
    }
    return bytes;
  }
}
