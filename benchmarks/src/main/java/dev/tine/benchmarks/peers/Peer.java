package dev.tine.benchmarks.peers;

import dev.tine.benchmarks.client.Ports;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A way to run a program that answers with the pid of its worker.
 *
 * @param name in tables
 * @param program what it runs: peers of one program are compared
 * @param workers processes that answer
 * @param command how it is started; {@code PORT} is where it listens
 * @param kind how it is run and reloaded
 * @param reload the command that replaces the workers ({@code PID}: of the peer); empty if there is
 *     none
 * @param note what is to be known of it: why it is not measured, if its kind is {@code ABSENT}
 */
public record Peer(
    String name,
    String program,
    int workers,
    List<String> command,
    Kind kind,
    List<String> reload,
    String note) {
  /** How a peer is run. */
  public enum Kind {
    /** One command, which replaces its workers. */
    SUPERVISED,
    /** JVMs that know nothing of each other, behind HAProxy if there are several. */
    JVMS,
    /** One JVM, of which only the start is measured. */
    START_ONLY,
    /** Not on this machine, or not possible. */
    ABSENT
  }

  /** Copies the lists. */
  public Peer {
    command = List.copyOf(command);
    reload = List.copyOf(reload);
  }

  /** The same, not to be had. */
  Peer absent(String why) {
    return new Peer(name, program, workers, command, Kind.ABSENT, reload, why);
  }

  /** Whether its workers can be replaced while it serves, or, of one JVM, it be started again. */
  boolean canReload() {
    return kind == Kind.JVMS || !reload.isEmpty();
  }

  Service start() throws IOException {
    int port = Ports.free();
    if (kind == Kind.SUPERVISED) {
      List<String> how = reload.stream().map(word -> at(word, port)).toList();
      return new Supervised(command(port), port, workers, how);
    }
    List<Integer> ports = new ArrayList<>();
    if (workers == 1) {
      ports.add(port);
    }
    while (ports.size() < workers) {
      ports.add(Ports.free());
    }
    return new Jvms(this::command, port, ports);
  }

  private List<String> command(int port) {
    return command.stream().map(word -> at(word, port)).toList();
  }

  private static String at(String word, int port) {
    return word.replace("PORT", Integer.toString(port));
  }

  /** As one types it. */
  String commandLine() {
    return command.stream()
        .map(word -> word.contains(" ") ? "'" + word + "'" : word)
        .collect(Collectors.joining(" "));
  }
}
