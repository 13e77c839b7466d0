package dev.tine.fork.internal.audit;

import dev.tine.sys.UnixSockets.End;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code /proc} showed of a JVM with one of each kind, from the resources of this package. */
final class Recorded {
  private Recorded() {}

  /** The lines of a file. */
  static List<String> lines(String name) {
    try (InputStream resource = Recorded.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new AssertionError("no resource " + name);
      }
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its descriptors: "fd mode inode target" of each, and its {@code fdinfo}. */
  static List<OpenFile> files() {
    List<OpenFile> files = new ArrayList<>();
    for (String line : lines("fd")) {
      String[] fields = line.split(" ", 4);
      files.add(
          new OpenFile(
              Integer.parseInt(fields[0]),
              fields[3],
              Integer.parseInt(fields[1], 8),
              Long.parseLong(fields[2]),
              lines("fdinfo/" + fields[0]),
              Integer.parseInt(fields[0]) <= 2,
              true,
              true));
    }
    return files;
  }

  /** Its sockets; the pair is 8 and 9, the other end of 13 is closed, that of 20 elsewhere. */
  static SocketTables sockets() {
    return tables(
        Optional.of(
            Map.of(
                3528073L, new End(true, 3528074, false),
                3528074L, new End(true, 3528073, false),
                3528806L, new End(true, 0, true),
                3528085L, new End(false, 0, false),
                3528086L, new End(true, 3528087, false))));
  }

  /** Its sockets, without what sock_diag(7) knows. */
  static SocketTables socketsWithoutPeers() {
    return tables(Optional.empty());
  }

  private static SocketTables tables(Optional<Map<Long, End>> ends) {
    return new SocketTables()
        .tcp(lines("net/tcp"))
        .tcp(lines("net/tcp6"))
        .udp(lines("net/udp"))
        .udp(lines("net/udp6"))
        .unix(lines("net/unix"), ends);
  }

  /** Its mappings. */
  static List<MappedRange> ranges() {
    return lines("maps").stream().map(MappedRange::parse).flatMap(Optional::stream).toList();
  }
}
