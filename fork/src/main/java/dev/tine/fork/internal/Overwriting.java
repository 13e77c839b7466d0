package dev.tine.fork.internal;

import dev.tine.sys.Opens;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Writes final fields of the JDK's objects.
 *
 * <p>Compiled code has folded the static final field that holds an object, but not what the object
 * holds: so a child changes the objects that the JDK remembers, and never which ones they are.
 */
final class Overwriting {
  private static final MethodHandle OFFSET;
  private static final MethodHandle ALLOCATE;
  private static final MethodHandle PUT_LONG;
  private static final MethodHandle PUT_REFERENCE;

  static {
    try {
      Opens.addOpens(Object.class.getModule(), "jdk.internal.misc", Overwriting.class.getModule());
      Class<?> type = Class.forName("jdk.internal.misc.Unsafe");
      var lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      Object unsafe = lookup.findStatic(type, "getUnsafe", MethodType.methodType(type)).invoke();
      OFFSET =
          lookup
              .findVirtual(
                  type,
                  "objectFieldOffset",
                  MethodType.methodType(long.class, Class.class, String.class))
              .bindTo(unsafe);
      ALLOCATE =
          lookup
              .findVirtual(
                  type, "allocateInstance", MethodType.methodType(Object.class, Class.class))
              .bindTo(unsafe);
      PUT_LONG =
          lookup
              .findVirtual(
                  type,
                  "putLongVolatile",
                  MethodType.methodType(void.class, Object.class, long.class, long.class))
              .bindTo(unsafe);
      PUT_REFERENCE =
          lookup
              .findVirtual(
                  type,
                  "putReferenceVolatile",
                  MethodType.methodType(void.class, Object.class, long.class, Object.class))
              .bindTo(unsafe);
    } catch (Throwable e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Overwriting() {}

  /** Where an instance field is, for the other methods. */
  static long offset(Class<?> type, String field) throws NoSuchFieldException {
    try {
      return (long) OFFSET.invokeExact(type, field);
    } catch (Throwable e) {
      throw (NoSuchFieldException)
          new NoSuchFieldException(type.getName() + "." + field).initCause(e);
    }
  }

  /** A new object that no constructor has run on. */
  static Object allocate(Class<?> type) {
    try {
      return ALLOCATE.invokeExact(type);
    } catch (Throwable e) {
      throw new AssertionError(type + " has instances", e);
    }
  }

  /** Writes a field of type long. */
  static void putLong(Object object, long offset, long value) {
    try {
      PUT_LONG.invokeExact(object, offset, value);
    } catch (Throwable e) {
      throw new AssertionError("a write to memory throws nothing", e);
    }
  }

  /** Writes a field of a reference type, which {@code value} must be of. */
  static void putReference(Object object, long offset, Object value) {
    try {
      PUT_REFERENCE.invokeExact(object, offset, value);
    } catch (Throwable e) {
      throw new AssertionError("a write to memory throws nothing", e);
    }
  }
}
