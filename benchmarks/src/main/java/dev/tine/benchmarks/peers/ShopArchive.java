package dev.tine.benchmarks.peers;

import dev.tine.benchmarks.client.Ports;
import dev.tine.benchmarks.client.Requests;
import dev.tine.benchmarks.client.Running;
import dev.tine.benchmarks.server.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The shop extracted from its jar, and an AOT cache of it, made by a training run. */
public final class ShopArchive {
  private static final int REQUESTS = 3000;
  private static final int CONNECTIONS = 4;
  private static final int LIMIT_SECONDS = 180;

  private ShopArchive() {}

  private static Path folder() {
    return Path.of(System.getProperty("tine.benchmarks.root"), "benchmarks/target/shop");
  }

  static Path jar() {
    return folder().resolve("spring-boot-shop.jar");
  }

  static Path cache() {
    return folder().resolve("shop.aot");
  }

  /** Makes both, unless they are newer than the shop's jar. */
  public static void prepare() throws IOException, InterruptedException {
    Path packed =
        Path.of(System.getProperty("tine.benchmarks.root"))
            .resolve("examples/spring-boot-shop/target/spring-boot-shop.jar");
    if (Files.exists(cache())
        && Files.getLastModifiedTime(cache()).compareTo(Files.getLastModifiedTime(packed)) > 0) {
      return;
    }
    Files.createDirectories(folder());
    Process extraction =
        new ProcessBuilder(
                Programs.JAVA,
                "-Djarmode=tools",
                "-jar",
                packed.toString(),
                "extract",
                "--force",
                "--destination",
                folder().toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(extraction.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (extraction.waitFor() != 0) {
      throw new IOException("cannot extract " + packed + ": " + said);
    }
    int port = Ports.free();
    List<String> training = new ArrayList<>(Program.of(List.of("-Xmx200m"), 4).command(port));
    training.replaceAll(word -> word.equals(packed.toString()) ? jar().toString() : word);
    training.add(1, "-XX:AOTCacheOutput=" + cache());
    try (var running = Running.answering(training, port)) {
      new Requests(List.of(port), CONNECTIONS).requests(REQUESTS);
      // Its end writes the cache, which takes longer than an end may take otherwise.
      ProcessHandle jvm = ProcessHandle.of(running.pid()).orElseThrow();
      jvm.destroy();
      jvm.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the training run does not end", e);
    }
    if (!Files.exists(cache())) {
      throw new IOException("the training run has left no " + cache());
    }
  }
}
