package dev.tine.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code tine --version} prints. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "tine " + ofTine(),
      "Java %s (%s), %s %s"
          .formatted(
              Runtime.version(),
              System.getProperty("java.vm.name"),
              System.getProperty("os.name"),
              System.getProperty("os.version"))
    };
  }

  /** The version in the pom that built this command. */
  private static String ofTine() {
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      if (in == null) {
        throw new IllegalStateException("version.properties is missing: the build is incomplete");
      }
      var properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
