package dev.tine.systemtests.programs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A {@link PlainServer} in which the preloaded library fails: {@code FaultyServer STAGE ERROR
 * PORT}, with the numbers of {@code tine_fault}.
 */
public final class FaultyServer {
  private FaultyServer() {}

  /** Serves. */
  public static void main(String[] args) throws Exception {
    Libc.fault(
        library(), Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    PlainServer.main(new String[] {args[3]});
  }

  private static String library() throws Exception {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.endsWith("/libtine.so"))
          .map(line -> line.substring(line.indexOf('/')))
          .findFirst()
          .orElseThrow();
    }
  }
}
