package dev.tine.frameworktests.programs;

import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.programs.Program;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * Threads that write to the {@link Ledger} one transaction after the other; in a child their copies
 * do.
 */
final class Load {
  private final DataSource pool;
  private final List<Writer> writers = new ArrayList<>();
  private final Set<Integer> backends = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<SQLException> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger transactions = new AtomicInteger();
  private volatile boolean stop;

  /** Starts it. */
  Load(DataSource pool, int threads) {
    this.pool = pool;
    for (int i = 0; i < threads; i++) {
      writers.add(new Writer(i));
    }
    writers.forEach(writer -> writer.thread.start());
  }

  /** Waits for so many transactions more; in a child, those of the child. */
  void await(int more) {
    int now = transactions.get();
    Program.await(more + " transactions", () -> transactions.get() - now >= more);
  }

  /** Ends it, and waits until it has ended. */
  void stop() throws InterruptedException {
    stop = true;
    for (Writer writer : writers) {
      writer.thread.join();
    }
  }

  /** What went wrong in this process. */
  List<SQLException> failures() {
    return List.copyOf(failures);
  }

  /** The server processes that have carried out transactions. */
  Set<Integer> backends() {
    return new HashSet<>(backends);
  }

  void forgetBackends() {
    backends.clear();
  }

  /** How many entries this process has written, when it has been stopped. */
  int written() {
    long self = Proc.self();
    return writers.stream().filter(w -> w.process == self).mapToInt(w -> w.written).sum();
  }

  private final class Writer {
    private final int number;
    private final Thread thread;

    private long process;
    private int written;

    Writer(int number) {
      this.number = number;
      thread = Thread.ofPlatform().name("writer-" + number).unstarted(this::run);
    }

    private void run() {
      while (!stop) {
        try (Connection connection = pool.getConnection()) {
          write(connection);
        } catch (SQLException e) {
          failures.add(e);
        }
      }
    }

    private void write(Connection connection) throws SQLException {
      // Asked when the connection is there, not before: who got one as the parent has one of the
      // parent's, which is dead
      // in a child. Otherwise a child could write in the name of the parent.
      long self = Proc.self();
      if (process != self) {
        process = self;
        written = 0;
      }
      backends.add(Ledger.write(connection, self, number, written));
      written++;
      transactions.incrementAndGet();
    }
  }
}
