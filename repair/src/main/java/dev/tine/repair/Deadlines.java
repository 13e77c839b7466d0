package dev.tine.repair;

import java.util.Optional;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/**
 * The deadlines of requests, which the program has opened with the library dev.tine.worker: it
 * leaves them in an MBean server of its own, because it may be loaded by any class loader, and
 * often is by more than one.
 */
final class Deadlines {
  private static final String DOMAIN = "dev.tine.worker";

  /** Set once there is such a server. */
  private static final String PROPERTY = "dev.tine.worker.deadlines";

  private Deadlines() {}

  /** Loads what is needed. */
  static void prepare() {
    find();
  }

  /**
   * {@code requests=N}, how many this process has opened; with {@code overdue=MS limit=MS
   * thread="NAME" request="LABEL" at="FRAMES"} of one that is over. A blank before each. "": none
   * was opened ever.
   */
  static String answer() {
    return System.getProperty(PROPERTY) == null ? "" : find();
  }

  private static String find() {
    long requests = 0;
    String overdue = "";
    for (MBeanServer server : MBeanServerFactory.findMBeanServer(null)) {
      if (server.getDefaultDomain().equals(DOMAIN)) {
        requests += ask(server, "Opened", Long.class).orElse(0L);
        String text = ask(server, "Overdue", String.class).orElse("");
        overdue = overdue.isEmpty() && !text.isEmpty() ? " " + text : overdue;
      }
    }
    return " requests=" + requests + overdue;
  }

  private static <T> Optional<T> ask(MBeanServer server, String attribute, Class<T> type) {
    try {
      ObjectName name = new ObjectName(DOMAIN, "type", "Deadlines");
      return Optional.of(type.cast(server.getAttribute(name, attribute)));
    } catch (JMException e) {
      return Optional.empty(); // it is being made
    }
  }
}
