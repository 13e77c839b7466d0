package dev.tine.frameworktests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.tine.fork.ForkedProcess;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.programs.Program;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Forks with a pool of open connections to a database. */
public final class Pooled {
  /** For how long HikariCP trusts a connection that has just been used. */
  private static final String TRUSTED_MS = "com.zaxxer.hikari.aliveBypassWindowMs";

  private static final int CONNECTIONS = 20;
  private static final int CHILDREN = 4;
  private static final int TRANSACTIONS = 1000;

  private final HikariDataSource pool;

  private Pooled(HikariDataSource pool) {
    this.pool = pool;
  }

  static void main(String[] arguments) throws Exception {
    try (HikariDataSource pool = open(arguments[0])) {
      var program = new Pooled(pool);
      Program.serve(
          Map.of(
              "fork under load", program::forkUnderLoad,
              "use the idle pool in a child", program::useInAChild,
              "close the idle pool in a child", program::closeInAChild));
    }
  }

  private static HikariDataSource open(String url) {
    var config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setAutoCommit(false);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(CONNECTIONS);
    return new HikariDataSource(config);
  }

  /** Twenty threads with a connection each, of which none is idle, while four children are made. */
  private void forkUnderLoad() throws Exception {
    Ledger.create(pool);
    var load = new Load(pool, CONNECTIONS);
    Program.await("all connections are in use", () -> load.backends().size() == CONNECTIONS);
    Set<Integer> before = load.backends();

    List<ForkedProcess> children = new ArrayList<>();
    for (int i = 0; i < CHILDREN; i++) {
      children.add(Program.fork(() -> inChild(load, before)));
    }
    load.forgetBackends();
    load.await(TRANSACTIONS);
    load.stop();
    for (ForkedProcess child : children) {
      Program.expectSuccess(child);
    }

    check(load.failures().isEmpty(), "failures in the parent: %s", load.failures());
    checkEqual(load.backends(), before, "backends of the parent");
    checkEqual(backends(pool), before, "backends of the parent, one by one");
    Ledger.check(pool, Proc.self(), load.written());
  }

  private void inChild(Load load, Set<Integer> parents) throws Exception {
    load.await(TRANSACTIONS);
    load.stop();
    // One for each connection it has inherited, whose server side belongs to the parent.
    check(load.failures().size() <= CONNECTIONS, "%d failures", load.failures().size());
    for (SQLException failure : load.failures()) {
      check(isBrokenConnection(failure), "%s", Program.trace(failure));
    }
    Set<Integer> own = backends(pool);
    check(own.size() == CONNECTIONS, "backends: %s", own);
    own.retainAll(parents);
    check(own.isEmpty(), "backends of the parent's in use: %s", own);
    Ledger.check(pool, Proc.self(), load.written());
    pool.close();
  }

  /** Connections that were idle are tried before they are given out: the child sees no failure. */
  private void useInAChild() throws Exception {
    System.setProperty(TRUSTED_MS, "0");
    HikariDataSource idle = open(pool.getJdbcUrl());
    try {
      Set<Integer> before = backends(idle);
      Program.inChild(() -> {
        Set<Integer> own = backends(idle);
        checkEqual(own.size(), CONNECTIONS, "backends of the child");
        own.retainAll(before);
        check(own.isEmpty(), "backends of the parent's in use: %s", own);
        idle.close();
        pool.close();
      });
      checkEqual(backends(idle), before, "backends of the parent");
    } finally {
      idle.close();
      System.clearProperty(TRUSTED_MS);
    }
  }

  /** Closing says nothing to the server, which would end the parent's session. */
  private void closeInAChild() throws Exception {
    Set<Integer> before = backends(pool);
    Program.inChild(pool::close);
    checkEqual(backends(pool), before, "backends of the parent");
  }

  /** The server processes behind all connections of the pool. */
  private static Set<Integer> backends(HikariDataSource pool) throws SQLException {
    List<Connection> connections = new ArrayList<>();
    Set<Integer> backends = new HashSet<>();
    try {
      for (int i = 0; i < CONNECTIONS; i++) {
        Connection connection = pool.getConnection();
        connections.add(connection);
        backends.add(Ledger.backend(connection));
      }
    } finally {
      for (Connection connection : connections) {
        connection.close();
      }
    }
    return backends;
  }

  /** SQLSTATE class 08, connection exception. */
  private static boolean isBrokenConnection(SQLException failure) {
    String state = failure.getSQLState();
    return state != null && state.startsWith("08");
  }
}
