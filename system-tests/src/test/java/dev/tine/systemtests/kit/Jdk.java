package dev.tine.systemtests.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** JDKs that are installed where Linux distributions put them. */
public final class Jdk {
  private Jdk() {}

  /** The home of one of version {@code feature}. */
  public static Optional<Path> home(int feature) throws IOException {
    Path running = Path.of(System.getProperty("java.home"));
    if (Runtime.version().feature() == feature) {
      return Optional.of(running);
    }
    try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
      return homes.filter(home -> is(home, feature)).sorted().findFirst();
    }
  }

  private static boolean is(Path home, int feature) {
    try {
      return Files.isExecutable(home.resolve("bin/java"))
          && Files.readString(home.resolve("release")).contains("JAVA_VERSION=\"" + feature + ".");
    } catch (IOException e) {
      return false;
    }
  }
}
