package dev.tine.frameworktests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * Servers that know nothing of Tine, each with a class path of its own: nothing but what it needs.
 */
public final class Servers {
  private static final String SPRING =
      "spring-(?!jdbc|tx).*|jackson-.*|slf4j-api-.*|logback-.*|jul-to-slf4j-.*|log4j-.*"
          + "|snakeyaml-.*|micrometer-.*|jakarta\\.annotation-api-.*";

  private final Path directory;

  /** Which. */
  public enum Kind {
    TOMCAT("BootServer", 17, SPRING + "|tomcat-embed-.*"),
    JETTY("BootServer", 17, SPRING + "|jetty-(?!.*websocket).*|jakarta\\.servlet-api-.*"),
    NETTY("NettyServer", 17, "netty-.*"),
    JDK("JdkServer", 25, "");

    private final String program;
    private final int release;
    private final Pattern jars;

    Kind(String program, int release, String jars) {
      this.program = program;
      this.release = release;
      this.jars = Pattern.compile(jars);
    }

    private String libraries() {
      return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
          .filter(entry -> jars.matcher(Path.of(entry).getFileName().toString()).matches())
          .collect(Collectors.joining(File.pathSeparator));
    }
  }

  /** Compiles them, for the oldest JDK that they are run with, into a directory. */
  public Servers(Path directory) throws IOException {
    this.directory = directory;
    for (Kind kind : List.of(Kind.TOMCAT, Kind.NETTY, Kind.JDK)) {
      compile(kind);
    }
  }

  /** How to start one. */
  public List<String> command(
      Kind kind, Path javaHome, String collector, Stream<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                javaHome.resolve("bin/java").toString(),
                "-XX:+Use" + collector + "GC",
                "-Xmx128m",
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                directory + File.pathSeparator + kind.libraries(),
                "servers." + kind.program));
    arguments.forEach(command::add);
    return command;
  }

  private void compile(Kind kind) throws IOException {
    Path source = directory.resolve(kind.program + ".java");
    try (var stream =
        Servers.class.getResourceAsStream(
            "/dev/tine/frameworktests/servers/" + source.getFileName())) {
      Files.write(source, Objects.requireNonNull(stream).readAllBytes());
    }
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "--release",
                Integer.toString(kind.release),
                "-proc:none",
                "-parameters",
                "-classpath",
                kind.libraries(),
                "-d",
                directory.toString(),
                source.toString());
    assertThat(status).as("compilation of %s", source).isZero();
  }
}
