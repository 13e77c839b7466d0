package dev.tine.run.watch;

import dev.tine.run.Status;
import dev.tine.run.Usage;
import dev.tine.sys.ConnectionCall;
import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What processes use. To read it, the kernel walks through their memory: it is read when somebody
 * asks, and at most every few seconds. For any thread but the loop's.
 */
public final class Sampler {
  private static final long INTERVAL_NANOS = Duration.ofSeconds(3).toNanos();

  private Map<Integer, Usage> usages = Map.of();
  private List<Queue> queues = List.of();
  private long sampledNanos;

  /** Processor time of workers that have ended, by id. */
  private final Map<Integer, Duration> past = new HashMap<>();

  /** Of those that run, by pid. */
  private final Map<Integer, Running> running = new HashMap<>();

  private record Running(int id, Duration cpu) {}

  /**
   * The accept queue of a TCP port.
   *
   * @param waiting connections that no worker has accepted yet
   * @param limit more than these are refused
   */
  record Queue(int port, long waiting, long limit) {}

  /**
   * What there was at a moment not long ago.
   *
   * @param usages by pid
   * @param cpu by id of a worker, with all its predecessors
   */
  record Sample(Map<Integer, Usage> usages, List<Queue> queues, Map<Integer, Duration> cpu) {}

  /** Has read nothing yet. */
  public Sampler() {}

  synchronized Sample sample(Status status, Set<Long> sockets) {
    long now = System.nanoTime();
    if (usages.isEmpty() || now - sampledNanos > INTERVAL_NANOS) {
      sampledNanos = now;
      usages = read(status, Map.of());
      queues = queues(status, sockets);
      addUp(status);
    } else if (!usages.keySet().containsAll(pids(status))) {
      usages = read(status, usages); // of those that are new
      addUp(status);
    }
    return new Sample(usages, queues, cpu());
  }

  private static List<Integer> pids(Status status) {
    return status.processes().stream().map(Status.Member::pid).toList();
  }

  private static Map<Integer, Usage> read(Status status, Map<Integer, Usage> known) {
    Map<Integer, Usage> read = new HashMap<>();
    for (int pid : pids(status)) {
      Usage before = known.get(pid);
      read.put(pid, before == null ? Usage.of(pid) : before);
    }
    return Map.copyOf(read);
  }

  private void addUp(Status status) {
    for (Status.Member process : status.processes()) {
      Usage usage = usages.get(process.pid());
      if (process.id() >= 0 && usage != null && !usage.state().equals("?")) {
        running.put(process.pid(), new Running(process.id(), usage.cpu()));
      }
    }
    Set<Integer> alive = usages.keySet();
    running
        .entrySet()
        .removeIf(entry -> {
          boolean hasEnded = !alive.contains(entry.getKey());
          if (hasEnded) {
            past.merge(entry.getValue().id(), entry.getValue().cpu(), Duration::plus);
          }
          return hasEnded;
        });
  }

  private Map<Integer, Duration> cpu() {
    Map<Integer, Duration> cpu = new TreeMap<>(past);
    running.values().forEach(one -> cpu.merge(one.id(), one.cpu(), Duration::plus));
    return cpu;
  }

  /** The monitor's own sockets only: another program may listen at the same port elsewhere. */
  private static List<Queue> queues(Status status, Set<Long> sockets) {
    List<Integer> ports = status.ports();
    if (ports.isEmpty()) {
      return List.of();
    }
    Map<Integer, Queue> byPort = new TreeMap<>();
    try {
      for (ConnectionCall.Socket socket : ConnectionCall.list(ports)) {
        if (socket.listens() && sockets.contains(socket.inode())) {
          byPort.merge(
              socket.localPort(),
              new Queue(socket.localPort(), socket.unread(), socket.unsent()),
              (one, other) ->
                  new Queue(one.port, one.waiting + other.waiting, one.limit + other.limit));
        }
      }
    } catch (SystemCallException e) {
      return List.of(); // a kernel without sock_diag
    }
    return List.copyOf(byPort.values());
  }
}
