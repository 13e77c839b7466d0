package dev.tine.run;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The jar with the repairs that a worker makes in Java, to be loaded into the program's JVM. */
final class GuestJar {
  private static final String RESOURCE = "tine-repair.jar";

  private GuestJar() {}

  /** Copies it to where the program can read it. */
  static void copyTo(Path file) throws IOException {
    try (InputStream jar = GuestJar.class.getResourceAsStream(RESOURCE)) {
      if (jar == null) {
        throw new IOException(RESOURCE + " is missing from the jar of dev.tine.run");
      }
      Files.deleteIfExists(file); // it may be open: never written over
      Files.copy(jar, file);
    }
  }
}
