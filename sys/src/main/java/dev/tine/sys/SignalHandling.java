package dev.tine.sys;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;

/**
 * Handlers of signals to this process.
 *
 * <p>{@code sun.misc.Signal} is the only way in Java, and it is reached by reflection: javac
 * reports each mention of it with a warning that no {@code @SuppressWarnings} silences, and this
 * build allows none. Its module, {@code jdk.unsupported}, is there to be used.
 */
public final class SignalHandling {
  private static final Class<?> SIGNAL = type("sun.misc.Signal");
  private static final Class<?> HANDLER = type("sun.misc.SignalHandler");

  private SignalHandling() {}

  /**
   * Runs {@code task} on each signal, on a thread of the JVM's choice; returns the handler it
   * replaces, for {@link #restore}.
   *
   * @param name without prefix, such as "TERM"
   * @throws IllegalArgumentException if the JVM leaves the signal to the operating system (-Xrs),
   *     or has it for itself
   */
  public static Object handle(String name, Runnable task) {
    return install(name, handler(task));
  }

  /** Brings a handler back that {@link #handle} returned. */
  public static void restore(String name, Object handler) {
    install(name, handler);
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "the monitor needs %s: add the module jdk.unsupported to this runtime".formatted(name),
          e);
    }
  }

  /** {@code (SignalHandler) _ -> task.run()} */
  private static Object handler(Runnable task) {
    try {
      MethodHandle run =
          MethodHandles.lookup()
              .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
              .bindTo(task);
      return MethodHandleProxies.asInterfaceInstance(
          HANDLER, MethodHandles.dropArguments(run, 0, SIGNAL));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("Runnable.run()", e);
    }
  }

  /** {@code Signal.handle(new Signal(name), handler)}, which returns the handler it replaces. */
  private static Object install(String name, Object handler) {
    try {
      Object named = SIGNAL.getConstructor(String.class).newInstance(name);
      return SIGNAL.getMethod("handle", SIGNAL, HANDLER).invoke(null, named, handler);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new IllegalStateException("sun.misc.Signal.handle failed for SIG" + name, e);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("sun.misc.Signal.handle(Signal, SignalHandler)", e);
    }
  }
}
