package dev.tine.frameworktests.kit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Kill;
import dev.tine.systemtests.kit.Output;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tukaani.xz.XZInputStream;

/**
 * A PostgreSQL server with an empty database, on the loopback interface, in a directory of its own.
 *
 * <p>The server refuses to run as root, and so does initdb: a test that is root starts both as the
 * user nobody.
 */
public final class Postgres implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final String NOBODY = "nobody";

  private final Path directory;
  private final Path data;
  private final int port;
  private final Process server;
  private final Output log;

  /** Unpacks, initialises and starts it, and waits until it takes connections. */
  public Postgres() {
    try {
      directory = Files.createTempDirectory("tine-postgres-");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      unpack();
      data = Files.createDirectory(directory.resolve("data"));
      if (isRoot()) {
        Files.setOwner(
            data,
            data.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(NOBODY));
      }
      initialise();
      port = freePort();
      server = start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // What is left of a test run that was interrupted goes with it.
    Runtime.getRuntime().addShutdownHook(new Thread(server::destroyForcibly));
    log = new Output(server.getInputStream(), "log of the database");
    awaitReady();
  }

  /** The URL of its database, with the user. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres".formatted(port);
  }

  /** All that it has logged; each line begins with the pid of the process that wrote it. */
  public List<String> log() {
    return log.lines();
  }

  /** What it has logged of anything that went wrong, on whatever side. */
  public List<String> complaints() {
    Pattern complaint =
        Pattern.compile(
            "WARNING|ERROR|FATAL|PANIC|unexpected EOF|could not|invalid|protocol|reset by peer");
    return log().stream().filter(line -> complaint.matcher(line).find()).toList();
  }

  /** Stops it, which must be possible in an orderly way, and deletes its directory. */
  @Override
  public void close() {
    try {
      Kill.process(server.pid(), Signal.INT); // a fast shutdown: it ends the connections
      assertThat(server.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
          .as("the server ends; its log: %s", log())
          .isTrue();
      assertThat(server.exitValue()).as("exit code; log: %s", log()).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      server.destroyForcibly();
      delete(directory);
    }
  }

  private void unpack() throws IOException {
    Process tar =
        new ProcessBuilder("tar", "-x", "-C", directory.toString())
            .redirectErrorStream(true)
            .start();
    try (InputStream archive =
            Objects.requireNonNull(
                Postgres.class.getResourceAsStream("/postgres-linux-x86_64.txz"));
        InputStream unpacked = new XZInputStream(archive);
        var out = tar.getOutputStream()) {
      unpacked.transferTo(out);
    }
    succeed(tar, "tar");
  }

  private void initialise() throws IOException {
    succeed(
        asServer(
            "initdb",
            "--pgdata=" + data,
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions"),
        "initdb");
  }

  private Process start() throws IOException {
    List<String> command = new ArrayList<>(List.of("postgres", "-D", data.toString()));
    for (String setting :
        List.of(
            "listen_addresses=127.0.0.1",
            "port=" + port,
            "unix_socket_directories=",
            "max_connections=200",
            "shared_buffers=16MB",
            "dynamic_shared_memory_type=mmap", // in the data directory, and not in /dev/shm
            "fsync=off",
            "autovacuum=off",
            "log_connections=on",
            "log_disconnections=on",
            "log_line_prefix=%p ")) {
      command.addAll(List.of("-c", setting));
    }
    return asServer(command.toArray(String[]::new));
  }

  /** Starts one of its programs as a user it accepts, with standard error in standard output. */
  private Process asServer(String program, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(program));
    all.addAll(List.of(arguments));
    return asServer(all.toArray(String[]::new));
  }

  private Process asServer(String[] programAndArguments) throws IOException {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=65534", "--clear-groups"));
    }
    command.add(directory.resolve("bin").resolve(programAndArguments[0]).toString());
    command.addAll(List.of(programAndArguments).subList(1, programAndArguments.length));
    var builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("LC_ALL", "C");
    return builder.start();
  }

  private static boolean isRoot() {
    return System.getProperty("user.name", "").equals("root");
  }

  private static void succeed(Process process, String what) throws IOException {
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    try {
      assertThat(process.waitFor()).as("exit code of %s: %s", what, said).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private void awaitReady() {
    try {
      assertThat(
              log.await(Pattern.compile(".*database system is ready to accept connections"), LIMIT))
          .as("the server is ready; its log: %s", log())
          .isPresent();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
