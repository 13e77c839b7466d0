package dev.tine.fork.internal.audit;

import dev.tine.fork.internal.audit.Socket.Family;
import dev.tine.fork.internal.audit.Socket.State;
import dev.tine.sys.UnixSockets;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tables in {@code /proc/PID/net}, read into one, by inode. */
final class SocketTables {
  /** Num: RefCount Protocol Flags Type St Inode Path; there may be no path, or one with blanks. */
  private static final Pattern UNIX =
      Pattern.compile(
          "\\p{XDigit}+: \\p{XDigit}+ \\p{XDigit}+ (\\p{XDigit}+) \\p{XDigit}+ (\\p{XDigit}+)"
              + " +(\\d{1,18})(?: (.*))?");

  private static final String TCP_CLOSE = "07";
  private static final String TCP_LISTEN = "0A";
  private static final String ESTABLISHED = "01";
  private static final String UNIX_CONNECTED = "03";
  private static final long UNIX_ACCEPTS = 0x10000; // __SO_ACCEPTCON
  private static final long DIAG_INODE = 0xffff_ffffL; // sock_diag(7) tells 32 bits

  private final Map<Long, Socket> sockets = new HashMap<>();

  /** The socket with an inode; empty: a fresh one, or one of a family without table. */
  Optional<Socket> socket(long inode) {
    return Optional.ofNullable(sockets.get(inode));
  }

  /** Adds {@code tcp} or {@code tcp6}; the first line names the columns. */
  SocketTables tcp(List<String> lines) {
    internet(lines, Family.TCP);
    return this;
  }

  /** Adds {@code udp} or {@code udp6}. */
  SocketTables udp(List<String> lines) {
    internet(lines, Family.UDP);
    return this;
  }

  private void internet(List<String> lines, Family family) {
    for (String line : body(lines)) {
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length < 10) {
        continue;
      }
      String local = address(fields[1]);
      String remote = address(fields[2]);
      State state = family == Family.TCP ? tcpState(fields[3]) : udpState(fields[3]);
      String description = state == State.CONNECTED ? local + " -> " + remote : local;
      sockets.put(Long.parseLong(fields[9]), new Socket(family, state, description, /* peer= */ 0));
    }
  }

  private static State tcpState(String code) {
    return switch (code) {
      case TCP_LISTEN -> State.LISTENING;
      case TCP_CLOSE -> State.BOUND;
      default -> State.CONNECTED; // about to be, or half closed, too
    };
  }

  private static State udpState(String code) {
    return code.equals(ESTABLISHED) ? State.CONNECTED : State.BOUND;
  }

  /**
   * Adds {@code unix}.
   *
   * @param ends from sock_diag(7); empty: not known, and a connection then is one to elsewhere
   */
  SocketTables unix(List<String> lines, Optional<Map<Long, UnixSockets.End>> ends) {
    for (String line : body(lines)) {
      Matcher fields = UNIX.matcher(line);
      if (!fields.matches()) {
        continue; // the rest of a name with a line break in it
      }
      long inode = Long.parseLong(fields.group(3));
      String path = Objects.requireNonNullElse(fields.group(4), "");
      boolean listens = (Long.parseLong(fields.group(1), 16) & UNIX_ACCEPTS) != 0;
      Optional<UnixSockets.End> end =
          ends.flatMap(all -> Optional.ofNullable(all.get(inode & DIAG_INODE)));
      State state = unixState(listens, fields.group(2), path, end);
      long peer = end.map(UnixSockets.End::peer).orElse(0L);
      sockets.put(inode, new Socket(Family.UNIX, state, path, peer));
    }
    return this;
  }

  private static State unixState(
      boolean listens, String code, String path, Optional<UnixSockets.End> end) {
    if (listens) {
      return State.LISTENING;
    }
    boolean isConnected =
        end.map(UnixSockets.End::connected).orElseGet(() -> code.equals(UNIX_CONNECTED));
    if (isConnected) {
      return end.filter(UnixSockets.End::hungUp).isPresent() ? State.HUNG_UP : State.CONNECTED;
    }
    return path.isEmpty() ? State.FRESH : State.BOUND;
  }

  /** Adds {@code netlink}, whose sockets always have a peer: the kernel. */
  SocketTables netlink(List<String> lines) {
    for (String line : body(lines)) {
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length >= 10) {
        sockets.put(
            Long.parseLong(fields[9]),
            new Socket(Family.NETLINK, State.CONNECTED, "protocol " + fields[1], /* peer= */ 0));
      }
    }
    return this;
  }

  private static List<String> body(List<String> lines) {
    return lines.isEmpty() ? lines : lines.subList(1, lines.size());
  }

  /** "0100007F:1538" is 127.0.0.1:5432: words of the address in the byte order of the machine. */
  static String address(String text) {
    int colon = text.indexOf(':');
    if (colon < 0 || colon % 8 != 0) {
      return text;
    }
    byte[] bytes = new byte[colon / 2];
    for (int i = 0; i < bytes.length; i++) {
      int at = (i & ~3) + 3 - (i & 3); // little-endian, as x86_64 is
      bytes[i] = (byte) Integer.parseInt(text.substring(2 * at, 2 * at + 2), 16);
    }
    try {
      // An IPv4 address in IPv6 notation comes out as the IPv4 address it is.
      String host = InetAddress.getByAddress(bytes).getHostAddress();
      int port = Integer.parseInt(text.substring(colon + 1), 16);
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + (port == 0 ? "*" : port);
    } catch (UnknownHostException e) {
      return text; // not 4 or 16 bytes
    }
  }
}
