package dev.tine.repair;

import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.net.ServerSocket;
import java.net.SocketImpl;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Leaves the remote objects of RMI, JMX among them, to the parent: their clients talk to one
 * process over many connections, and a child that listened on the same port would take some of
 * them.
 *
 * <p>A child can export objects of its own, and start a JMX agent of its own.
 */
final class RemoteObjects implements Repair {
  private static final int[] NONE = {};

  /** The module may be missing from a JDK that was made with jlink. */
  private static final boolean PRESENT = ModuleLayer.boot().findModule("java.rmi").isPresent();

  /** Those of the last fork; RMI has some as a rule for as long as it has any. */
  private List<ServerSocket> listeners = List.of();

  @Override
  public void prepare() {
    if (PRESENT) {
      Known.ensure(Use.class, "its RMI");
    }
  }

  @Override
  public void beforeFork() {
    List<ServerSocket> now = PRESENT && Use.isBegun() ? Internals.listeners() : List.of();
    if (now.isEmpty() && listeners.isEmpty()) {
      return;
    }
    listeners = now;
    Identity.detach(
        now.isEmpty()
            ? NONE
            : now.stream().mapToInt(Internals::number).filter(fd -> fd >= 0).toArray());
  }

  /** The listeners have been replaced before any thread of the child ran. */
  @Override
  public void inChild(long[] seeds) {}

  @Override
  public void resumed() {
    List<ServerSocket> parents = listeners;
    listeners = List.of();
    if (!parents.isEmpty()) {
      Identity.detach(NONE); // or a child of this one would lose what has got their numbers since
      Internals.forget(parents);
    }
  }

  /** Whether RMI has been used at all, which most programs never do. */
  private static final class Use {
    private static final Class<?> ENDPOINT;

    static {
      try {
        ENDPOINT = Class.forName("sun.rmi.transport.tcp.TCPEndpoint", false, null);
      } catch (ClassNotFoundException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private Use() {}

    static boolean isBegun() {
      return !Memory.isUnused(ENDPOINT);
    }
  }

  /** What is {@code private} in the JDK. */
  private static final class Internals {
    private static final String LOCAL_ADDRESS =
        "com.sun.management.jmxremote.localConnectorAddress";

    private static final Map<?, ?> ENDPOINTS;
    private static final VarHandle TRANSPORT;
    private static final VarHandle SERVER;
    private static final VarHandle IMPLEMENTATION;
    private static final VarHandle DESCRIPTOR;
    private static final VarHandle NUMBER;
    private static final Properties AGENT;

    static {
      try {
        Opens.ofBase("java.net", "java.io", "jdk.internal.vm");
        Opens.of(Use.ENDPOINT);
        MethodHandles.Lookup endpoint =
            MethodHandles.privateLookupIn(Use.ENDPOINT, MethodHandles.lookup());
        Class<?> transport = Class.forName("sun.rmi.transport.tcp.TCPTransport");
        ENDPOINTS =
            (Map<?, ?>)
                endpoint.findStaticVarHandle(Use.ENDPOINT, "localEndpoints", Map.class).get();
        TRANSPORT = endpoint.findVarHandle(Use.ENDPOINT, "transport", transport);
        SERVER =
            MethodHandles.privateLookupIn(transport, MethodHandles.lookup())
                .findVarHandle(transport, "server", ServerSocket.class);
        IMPLEMENTATION =
            MethodHandles.privateLookupIn(ServerSocket.class, MethodHandles.lookup())
                .findVarHandle(ServerSocket.class, "impl", SocketImpl.class);
        DESCRIPTOR =
            MethodHandles.privateLookupIn(SocketImpl.class, MethodHandles.lookup())
                .findVarHandle(SocketImpl.class, "fd", FileDescriptor.class);
        NUMBER =
            MethodHandles.privateLookupIn(FileDescriptor.class, MethodHandles.lookup())
                .findVarHandle(FileDescriptor.class, "fd", int.class);
        Class<?> support = Class.forName("jdk.internal.vm.VMSupport");
        AGENT =
            (Properties)
                MethodHandles.privateLookupIn(support, MethodHandles.lookup())
                    .findStatic(
                        support, "getAgentProperties", MethodType.methodType(Properties.class))
                    .invoke();
      } catch (Throwable e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private Internals() {}

    static List<ServerSocket> listeners() {
      List<ServerSocket> found = new ArrayList<>();
      synchronized (ENDPOINTS) {
        for (Object endpoints : ENDPOINTS.values()) {
          for (Object endpoint : (Collection<?>) endpoints) {
            Object transport = TRANSPORT.get(endpoint);
            ServerSocket server = transport == null ? null : (ServerSocket) SERVER.get(transport);
            if (server != null && !found.contains(server)) {
              found.add(server);
            }
          }
        }
      }
      return found;
    }

    /** -1: it is closed, or has none. */
    static int number(ServerSocket server) {
      Object implementation = IMPLEMENTATION.get(server);
      Object descriptor = implementation == null ? null : DESCRIPTOR.get(implementation);
      return descriptor == null ? -1 : (int) NUMBER.get(descriptor);
    }

    /**
     * So that what the child exports gets ports of its own, and jconsole is not sent to the parent.
     */
    static void forget(List<ServerSocket> parents) {
      synchronized (ENDPOINTS) {
        ENDPOINTS.clear();
      }
      AGENT.remove(LOCAL_ADDRESS);
      for (ServerSocket server : parents) {
        try {
          server.close(); // ends the thread that accepts
        } catch (IOException e) {
          // nobody could reach it anyway
        }
      }
    }
  }
}
