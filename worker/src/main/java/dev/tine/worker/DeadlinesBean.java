package dev.tine.worker;

import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/**
 * The attributes {@code Overdue} and {@code Opened} of {@link Deadlines}, in an MBean server of its
 * own.
 *
 * <p>Tine asks from a class loader that has never heard of this one, which may be the loader of a
 * web application: a place is needed that belongs to the JDK, holds objects of any loader, and goes
 * with none of them. A server of its own, because the platform's is large, and made for nothing
 * else in most programs.
 */
final class DeadlinesBean implements DynamicMBean {
  private static final String DOMAIN = "dev.tine.worker";
  private static final String OVERDUE = "Overdue";
  private static final String OPENED = "Opened";

  /** Says that it is worth while to ask. */
  private static final String PROPERTY = "dev.tine.worker.deadlines";

  private DeadlinesBean() {}

  static void register() {
    try {
      MBeanServer server = MBeanServerFactory.createMBeanServer(DOMAIN);
      server.registerMBean(new DeadlinesBean(), new ObjectName(DOMAIN, "type", "Deadlines"));
      System.setProperty(PROPERTY, "open"); // last: who sees it finds the bean
    } catch (JMException e) {
      throw new IllegalStateException("deadlines cannot be told to Tine", e);
    }
  }

  @Override
  public Object getAttribute(String attribute) throws AttributeNotFoundException {
    String worker = System.getProperty(Worker.PROPERTY, "");
    switch (attribute) {
      case OVERDUE:
        return Deadlines.overdue(worker);
      case OPENED:
        return Deadlines.opened(worker);
      default:
        throw new AttributeNotFoundException(attribute);
    }
  }

  @Override
  public AttributeList getAttributes(String[] attributes) {
    var all = new AttributeList();
    for (String attribute : attributes) {
      try {
        all.add(new Attribute(attribute, getAttribute(attribute)));
      } catch (AttributeNotFoundException e) {
        // left out, as the interface has it
      }
    }
    return all;
  }

  @Override
  public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
    throw new AttributeNotFoundException("nothing can be changed");
  }

  @Override
  public AttributeList setAttributes(AttributeList attributes) {
    return new AttributeList();
  }

  @Override
  public Object invoke(String action, Object[] arguments, String[] signature) {
    throw new UnsupportedOperationException(action);
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    var overdue =
        new MBeanAttributeInfo(
            OVERDUE, "java.lang.String", "What takes longer than it may", true, false, false);
    var opened =
        new MBeanAttributeInfo(
            OPENED, "long", "How many this worker has opened", true, false, false);
    return new MBeanInfo(
        getClass().getName(),
        "Deadlines of requests",
        new MBeanAttributeInfo[] {overdue, opened},
        null,
        null,
        null);
  }
}
