package dev.tine.prefork;

import dev.tine.fork.Signal;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * SIGTERM and SIGINT of this process, taken from whoever handled them and given back.
 *
 * <p>{@code sun.misc.Signal} is the only way in Java, and it is reached by reflection: javac
 * reports each mention of it with a warning that no {@code @SuppressWarnings} silences, and this
 * build allows none. Its module, {@code jdk.unsupported}, is there to be used.
 */
final class TerminationSignals {
  private static final List<Signal> SIGNALS = List.of(Signal.TERM, Signal.INT);

  private final Map<Signal, Object> previous = new HashMap<>();

  /** Calls {@code receiver} on each signal, on a thread of the JVM's choice. */
  void take(Consumer<Signal> receiver) {
    for (Signal signal : SIGNALS) {
      try {
        previous.put(signal, Api.handle(signal, Api.handler(() -> receiver.accept(signal))));
      } catch (IllegalArgumentException _) {
        // -Xrs: signals belong to the operating system, which kills the monitor, and that its
        // workers.
      }
    }
  }

  /** Restores the handlers that {@link #take} replaced. Idempotent. */
  void giveBack() {
    previous.forEach(Api::handle);
    previous.clear();
  }

  private static final class Api {
    private static final Class<?> SIGNAL = type("sun.misc.Signal");
    private static final Class<?> HANDLER = type("sun.misc.SignalHandler");

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
    static Object handler(Runnable task) {
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
    static Object handle(Signal signal, Object handler) {
      try {
        Object named = SIGNAL.getConstructor(String.class).newInstance(signal.name());
        return SIGNAL.getMethod("handle", SIGNAL, HANDLER).invoke(null, named, handler);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof IllegalArgumentException refused) {
          throw refused;
        }
        throw new IllegalStateException("sun.misc.Signal.handle failed for " + signal, e);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("sun.misc.Signal.handle(Signal, SignalHandler)", e);
      }
    }
  }
}
