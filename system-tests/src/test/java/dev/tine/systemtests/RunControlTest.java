package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.kit.RunJvm;
import dev.tine.systemtests.kit.TestJvm;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Scanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The control socket in the hands of somebody who means it ill, or does not know what it is. */
@Timeout(120)
class RunControlTest {
  private static final long SEED = 20_260_705;
  private static final int MESSAGES = 500;

  /** More than are listened to at a time, and than wait. */
  private static final int CROWD = 60;

  @Test
  void shouldServeOnWhateverIsSaidToIt() throws IOException {
    try (RunJvm run = RunJvm.plain(List.of("--workers", "1", "--warmup-requests", "5"))) {
      long pid = run.awaitWorker(0);
      Path socket = run.monitor().directory().resolve("tine/test/control");
      assertThat(ask(socket, "{\"version\":1,\"command\":\"status\"}\n")).contains("\"ok\":true");
      int before = descriptors(run);

      garbage(socket);
      flood(run, socket);
      await("descriptors of the monitor")
          .atMost(TestJvm.LIMIT)
          .until(() -> descriptors(run) <= before);
      assertThat(run.tine(0, "status")).contains(Long.toString(pid));
      assertThat(RunJvm.pidIn(run.get("/"))).isEqualTo(pid);

      Files.delete(socket);
      assertThat(run.tine(1, "status")).contains("no program of yours runs");
      assertThat(RunJvm.pidIn(run.get("/"))).isEqualTo(pid);
      Kill.process(pid, Signal.KILL);
      run.monitor().awaitErrorLine("tine: worker-exit id=0 pid=" + pid + " .*");
      assertThat(RunJvm.pidIn(run.get("/"))).isEqualTo(run.awaitWorker(0));
      assertThat(run.monitor().errorLines()).noneMatch(line -> line.contains("Exception"));
      run.stop();
    }
  }

  private static int descriptors(RunJvm run) {
    return Proc.descriptors(run.monitor().pid()).size();
  }

  private static void garbage(Path socket) throws IOException {
    var random = new Random(SEED);
    for (int i = 0; i < MESSAGES; i++) {
      byte[] line = new byte[random.nextInt(1, i % 50 == 0 ? 100_000 : 200)];
      random.nextBytes(line);
      if (i % 3 == 0) {
        line[0] = '{';
      }
      for (int j = 0; j < line.length - 1; j++) {
        line[j] = line[j] == '\n' ? (byte) ' ' : line[j];
      }
      line[line.length - 1] = '\n';
      assertThat(ask(socket, line))
          .satisfiesAnyOf(
              answer -> assertThat(answer).isEmpty(), // it is too long
              answer -> assertThat(answer).startsWith("{\"version\":1,\"ok\":false,\"error\":"));
    }
    // What no command can have: it must not get as far as the loop.
    assertThat(ask(socket, "{\"version\":1,\"command\":\"reload\",\"run\":[\"a\\u0000b\"]}\n"))
        .contains("\"ok\":false", "NUL");
  }

  private static void flood(RunJvm run, Path socket) throws IOException {
    List<SocketChannel> crowd = new ArrayList<>();
    try {
      for (int i = 0; i < CROWD; i++) {
        SocketChannel one = connect(socket);
        crowd.add(one);
        if (i % 2 == 0) {
          write(one, "{\"version\":1,".getBytes(StandardCharsets.UTF_8)); // and never the rest
        }
      }
      assertThat(run.tine(1, "status")).contains("8 connections are open already; try again");
      RunJvm.pidIn(run.get("/"));
    } finally {
      for (SocketChannel one : crowd) {
        one.close();
      }
    }
    // Asks for much, and does not read it.
    for (int i = 0; i < 20; i++) {
      try (SocketChannel one = connect(socket)) {
        write(one, "{\"version\":1,\"command\":\"logs\"}\n".getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static SocketChannel connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    return channel;
  }

  private static String ask(Path socket, String line) throws IOException {
    return ask(socket, line.getBytes(StandardCharsets.UTF_8));
  }

  /** One line of answer; empty: it was closed without one. */
  private static String ask(Path socket, byte[] line) throws IOException {
    try (SocketChannel channel = connect(socket)) {
      write(channel, line);
      try (var scanner = new Scanner(Channels.newInputStream(channel), StandardCharsets.UTF_8)) {
        return scanner.hasNextLine() ? scanner.nextLine() : "";
      }
    }
  }

  /** One that has heard enough may close it before all is said. */
  private static void write(SocketChannel channel, byte[] bytes) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      // its answer tells
    }
  }
}
