package dev.tine.frameworktests.programs;

import dev.tine.systemtests.programs.Program;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;

/** A table in which each process numbers its entries, so that none is lost, doubled or mixed up. */
final class Ledger {
  private Ledger() {}

  /** Begins an empty one. */
  static void create(DataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("set client_min_messages = warning");
      statement.execute("drop table if exists ledger");
      statement.execute(
          "create table ledger (process bigint, thread int, n int, token uuid not null,"
              + " primary key (process, thread, n))");
      connection.commit();
    }
  }

  /**
   * One transaction: writes an entry and reads it again, with an answer of the server that only
   * this question has.
   *
   * @return the server process that did it
   */
  static int write(Connection connection, long process, int thread, int n) throws SQLException {
    UUID token = UUID.randomUUID();
    try (PreparedStatement insert =
            connection.prepareStatement("insert into ledger values (?, ?, ?, ?)");
        PreparedStatement select =
            connection.prepareStatement(
                "select token, n + ?, pg_backend_pid() from ledger"
                    + " where process = ? and thread = ? and n = ?")) {
      insert.setLong(1, process);
      insert.setInt(2, thread);
      insert.setInt(3, n);
      insert.setObject(4, token);
      Program.checkEqual(insert.executeUpdate(), 1, "rows inserted");
      select.setInt(1, thread);
      select.setLong(2, process);
      select.setInt(3, thread);
      select.setInt(4, n);
      try (ResultSet row = select.executeQuery()) {
        Program.check(row.next(), "the entry %d/%d/%d is not there", process, thread, n);
        Program.checkEqual(row.getObject(1, UUID.class), token, "token");
        Program.checkEqual(row.getInt(2), n + thread, "sum");
        int backend = row.getInt(3);
        connection.commit();
        return backend;
      }
    }
  }

  /** Looks whether a process has written so many entries, each number once. */
  static void check(DataSource pool, long process, int entries) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select sum(entries), bool_and(entries = top + 1) from (select count(*) as"
                    + " entries, max(n) as top from ledger where process = ? group by thread) t")) {
      select.setLong(1, process);
      try (ResultSet row = select.executeQuery()) {
        Program.check(row.next(), "no sum");
        Program.checkEqual(row.getInt(1), entries, "entries in the ledger");
        Program.check(row.getBoolean(2), "numbers are missing");
      }
      connection.commit();
    }
  }

  /** The server process behind a connection. */
  static int backend(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      Program.check(row.next(), "no pid");
      int backend = row.getInt(1);
      connection.commit();
      return backend;
    }
  }
}
