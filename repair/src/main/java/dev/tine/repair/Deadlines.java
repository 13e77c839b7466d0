package dev.tine.repair;

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
   * {@code overdue=MS limit=MS thread="NAME" request="LABEL" at="FRAMES"} with a blank before it,
   * of one that is over; "": none is, or the program has opened none.
   */
  static String overdue() {
    return System.getProperty(PROPERTY) == null ? "" : find();
  }

  private static String find() {
    for (MBeanServer server : MBeanServerFactory.findMBeanServer(null)) {
      String text = server.getDefaultDomain().equals(DOMAIN) ? ask(server) : "";
      if (!text.isEmpty()) {
        return " " + text;
      }
    }
    return "";
  }

  private static String ask(MBeanServer server) {
    try {
      ObjectName name = new ObjectName(DOMAIN, "type", "Deadlines");
      return String.valueOf(server.getAttribute(name, "Overdue"));
    } catch (JMException e) {
      return ""; // it is being made
    }
  }
}
