package dev.tine.frameworktests.programs;

import dev.tine.systemtests.kit.Proc;
import java.util.Objects;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The page of the {@link Shop}: each request is a transaction. */
@RestController
class Sales {
  private static final int ATTEMPTS = 10;

  private final JdbcTemplate database;
  private final TransactionTemplate transaction;
  private final Watched watched;

  Sales(JdbcTemplate database, PlatformTransactionManager transactions, Watched watched) {
    this.database = database;
    this.transaction = new TransactionTemplate(transactions);
    this.watched = watched;
  }

  /**
   * Answers with the process, how many sales it has made, how often it had to try, and what the
   * beans were told.
   */
  @GetMapping("/sell")
  String sell() {
    for (int failures = 0; ; failures++) {
      try {
        String sale = Objects.requireNonNull(transaction.execute(_ -> sale()));
        return sale + " " + failures + " " + watched;
      } catch (DataAccessException | TransactionException e) {
        if (failures == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private String sale() {
    // The pid is asked for when there is a connection, see Load.
    long self = Proc.self();
    database.update("insert into sales values (?, ?)", self, 1);
    Integer sales =
        database.queryForObject(
            "select count(*) from sales where process = ?", Integer.class, self);
    return self + " " + sales;
  }
}
