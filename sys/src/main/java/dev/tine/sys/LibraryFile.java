package dev.tine.sys;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bytes of {@code libtine.so}. */
public final class LibraryFile {
  private static final String RESOURCE = "linux-x86_64/libtine.so";

  private LibraryFile() {}

  /**
   * Opens the library that this process uses itself: the one at the system property {@value
   * Libtine#PATH_PROPERTY}, or the resource beside this class.
   */
  public static InputStream open() throws IOException {
    String path = System.getProperty(Libtine.PATH_PROPERTY);
    if (path != null) {
      return Files.newInputStream(Path.of(path));
    }
    InputStream resource = LibraryFile.class.getResourceAsStream(RESOURCE);
    if (resource == null) {
      throw new UnsatisfiedLinkError(RESOURCE + " is missing from the jar of dev.tine.sys");
    }
    return resource;
  }
}
