package dev.tine.benchmarks.subprocess;

import dev.tine.benchmarks.Jvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A process that starts programs in one of the ways that are compared, and measures itself. */
public final class Peer implements AutoCloseable {
  /** The ways, the first of which the others are compared with. */
  public enum Kind {
    C("C, posix_spawn"),
    TINE("Tine"),
    TINE_LOOP("Tine, on its loop"),
    JDK("JDK ProcessBuilder"),
    NUPROCESS("NuProcess"),
    PYTHON("Python subprocess"),
    ASYNCIO("Python asyncio"),
    NODE("Node child_process");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }

    /** Whether it is a library for the JVM. */
    public boolean isJava() {
      return this == TINE || this == TINE_LOOP || this == JDK || this == NUPROCESS;
    }

    /** NuProcess sees an end by the pipes, and cannot do without them. */
    public boolean needsPipes() {
      return this == NUPROCESS;
    }
  }

  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String BARE_SPAWN = System.getProperty("tine.benchmarks.bareSpawn", "");

  private final Kind kind;
  private final Jvm process;

  private Peer(Kind kind, Jvm process) {
    this.kind = kind;
    this.process = process;
    hear();
  }

  /** Starts one; empty: this machine has not got it. */
  public static Optional<Peer> start(Kind kind) {
    if (kind.isJava()) {
      return Optional.of(new Peer(kind, jvm(kind)));
    }
    return command(kind).map(command -> new Peer(kind, Jvm.ofCommand(command)));
  }

  /** Starts one that has as many megabytes of memory that were written to. */
  public static Peer startLarge(Kind kind, int megabytes) {
    if (kind == Kind.C) {
      return new Peer(kind, Jvm.ofCommand(BARE_SPAWN, "touch", Integer.toString(megabytes)));
    }
    return new Peer(
        kind, jvm(kind, "-Xms" + megabytes + "m", "-Xmx" + megabytes + "m", "-XX:+AlwaysPreTouch"));
  }

  /** Starts one for the JVM, with options of its own. */
  private static Jvm jvm(Kind kind, String... options) {
    return Jvm.of(SpawnRun.class, Arrays.asList(options), List.of(library(kind), BARE_SPAWN));
  }

  public Kind kind() {
    return kind;
  }

  /** Tells it a line of {@code bare_spawn.c}, and returns the numbers it answers. */
  public double[] measure(String line) {
    process.tell(line);
    String answer = hear();
    return Arrays.stream(answer.strip().split(" +")).mapToDouble(Double::parseDouble).toArray();
  }

  @Override
  public void close() {
    process.close();
  }

  private String hear() {
    return process
        .hear(LIMIT)
        .orElseThrow(
            () -> new IllegalStateException(kind + " has ended; standard error may say why"));
  }

  private static String library(Kind kind) {
    return switch (kind) {
      case TINE_LOOP -> "tine-loop";
      case JDK -> "jdk";
      case NUPROCESS -> "nuprocess";
      default -> "tine";
    };
  }

  private static Optional<String[]> command(Kind kind) {
    Path sources = Path.of(System.getProperty("tine.benchmarks.sources", ""));
    Path python = sources.resolve("python/spawn.py");
    Path node = sources.resolve("node/spawn.js");
    return switch (kind) {
      case PYTHON -> onPath("python3", python.toString(), "subprocess", BARE_SPAWN);
      case ASYNCIO -> onPath("python3", python.toString(), "asyncio", BARE_SPAWN);
      case NODE -> onPath("node", node.toString(), BARE_SPAWN);
      default -> Optional.of(new String[] {BARE_SPAWN});
    };
  }

  private static Optional<String[]> onPath(String program, String... arguments) {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      Path path = Path.of(directory, program);
      if (Files.isExecutable(path)) {
        List<String> command = new ArrayList<>(List.of(path.toString()));
        command.addAll(Arrays.asList(arguments));
        return Optional.of(command.toArray(String[]::new));
      }
    }
    return Optional.empty();
  }
}
