package dev.tine.benchmarks.peers;

import dev.tine.benchmarks.Samples;
import dev.tine.benchmarks.client.Load;
import dev.tine.benchmarks.client.Requests;
import dev.tine.benchmarks.loss.Clients;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** What is measured of a peer, and the peer while it runs. Times are nanoseconds. */
final class Trial implements AutoCloseable {
  /** A worker of tine run that dies younger than a second is taken for a broken one. */
  private static final Duration OLD_ENOUGH = Duration.ofMillis(1200);

  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final int CLIENTS = 4;
  private static final int CONNECTIONS = 8;
  private static final int KEPT_CONNECTIONS = 16;
  private static final int RATE = 400;

  final Peer peer;
  final Samples firstAnswer = new Samples();
  final Samples allAnswer = new Samples();
  final Samples successor = new Samples();
  final Samples reload = new Samples();
  long sentInReload;
  long failedInReload;
  double pssMegabytes = Double.NaN;
  final Map<Load, Series> loads = new EnumMap<>(Load.class);
  private Optional<Service> running = Optional.empty();
  private Set<Long> workers = Set.of();
  private long bornNanos;

  /** Of one kind of load; the shares in thousandths of the mean. */
  record Series(Samples rates, Samples p99, Samples most, Samples least, Samples failed) {
    Series() {
      this(new Samples(), new Samples(), new Samples(), new Samples(), new Samples());
    }
  }

  Trial(Peer peer) {
    this.peer = peer;
  }

  /** Starts it, in place of the one before. */
  void start() throws IOException {
    close();
    long begin = System.nanoTime();
    Service service = peer.start();
    running = Optional.of(service);
    firstAnswer.add(Probe.first(service).nanos() - begin);
    Probe all = Probe.all(service, peer.workers());
    allAnswer.add(all.nanos() - begin);
    born(all.pids());
  }

  private void born(Set<Long> pids) {
    workers = new HashSet<>(pids);
    bornNanos = System.nanoTime();
  }

  private Service service() {
    return running.orElseThrow(() -> new IllegalStateException(peer.name() + " does not run"));
  }

  void measureMemory(int requests) throws IOException {
    new Requests(List.of(service().port()), CONNECTIONS, List.of("/")).requests(requests);
    pssMegabytes = service().pssMegabytes();
  }

  void load(Load load, Duration time) throws InterruptedException {
    Load.Result result = load.run(new Load.Size(service().port(), RATE, KEPT_CONNECTIONS, time));
    Series series = loads.computeIfAbsent(load, it -> new Series());
    series.rates.add(Math.round(result.perSecond()));
    series.p99.add(result.latencies().percentile(99));
    series.most.add(Math.round(1000 * result.mostToMean(peer.workers())));
    series.least.add(Math.round(1000 * result.leastToMean(peer.workers())));
    series.failed.add(result.failures());
  }

  /** Kills a worker, and waits for an answer of its successor. */
  void kill() throws IOException {
    Service service = service();
    long oldNanos = bornNanos + OLD_ENOUGH.toNanos();
    for (long left = oldNanos - System.nanoTime(); left > 0; left = oldNanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    long victim = workers.iterator().next();
    var killed = new long[1];
    Probe probe =
        Probe.unlike(
            service,
            workers,
            () -> {
              killed[0] = System.nanoTime();
              service.kill(victim);
            });
    successor.add(probe.nanos() - killed[0]);
    born(Probe.all(service, peer.workers()).pids());
  }

  /** Has all workers replaced while clients ask. */
  void reload() throws IOException, InterruptedException {
    Service service = service();
    var clients = new Clients(service.port(), CLIENTS, PAUSE, Clients.Kept.BY_THE_JDK);
    try (clients) {
      long begin = System.nanoTime();
      service.reload();
      reload.add(System.nanoTime() - begin);
    }
    int failed = clients.verdict(List.of()).failed();
    failedInReload += failed;
    sentInReload += clients.singleAnswers() + clients.keptAnswers() + failed;
    born(Probe.all(service, peer.workers()).pids());
  }

  @Override
  public void close() {
    running.ifPresent(Service::close);
    running = Optional.empty();
  }
}
