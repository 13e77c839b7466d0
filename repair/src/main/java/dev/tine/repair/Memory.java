package dev.tine.repair;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes fields of the JDK that Java code cannot: final ones, and those of classes that
 * are not to be initialised.
 *
 * <p>Compiled code has folded the static final field that holds an object, but not what the object
 * holds: so a child changes the objects that the JDK remembers, and never which ones they are.
 */
final class Memory {
  private static final MethodHandle OFFSET;
  private static final MethodHandle STATIC_BASE;
  private static final MethodHandle STATIC_OFFSET;
  private static final MethodHandle IS_UNUSED;
  private static final MethodHandle ALLOCATE;
  private static final MethodHandle GET_LONG;
  private static final MethodHandle PUT_LONG;
  private static final MethodHandle GET_REFERENCE;
  private static final MethodHandle PUT_REFERENCE;
  private static final MethodHandle REPLACE;

  /** A static field, which can be read without its class being initialised: null then. */
  static final class Static {
    private final Object base;
    private final long offset;

    private Static(Object base, long offset) {
      this.base = base;
      this.offset = offset;
    }

    /** Its value, a reference. */
    @Nullable Object get() {
      try {
        return (Object) GET_REFERENCE.invokeExact(base, offset);
      } catch (Throwable e) {
        throw new AssertionError("a read of memory throws nothing", e);
      }
    }

    /** Gives it another value of its type, unless it is not the expected one any more. */
    void replace(@Nullable Object expected, @Nullable Object value) {
      try {
        boolean ignored = (boolean) REPLACE.invokeExact(base, offset, expected, value);
      } catch (Throwable e) {
        throw new AssertionError("a write to memory throws nothing", e);
      }
    }
  }

  static {
    try {
      Opens.ofBase("jdk.internal.misc");
      Class<?> type = Class.forName("jdk.internal.misc.Unsafe");
      Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      Object unsafe = lookup.findStatic(type, "getUnsafe", MethodType.methodType(type)).invoke();
      OFFSET = lookup.bind(unsafe, "objectFieldOffset", returns(long.class, Field.class));
      STATIC_BASE = lookup.bind(unsafe, "staticFieldBase", returns(Object.class, Field.class));
      STATIC_OFFSET = lookup.bind(unsafe, "staticFieldOffset", returns(long.class, Field.class));
      IS_UNUSED = lookup.bind(unsafe, "shouldBeInitialized", returns(boolean.class, Class.class));
      ALLOCATE = lookup.bind(unsafe, "allocateInstance", returns(Object.class, Class.class));
      GET_LONG = lookup.bind(unsafe, "getLong", returns(long.class, Object.class, long.class));
      PUT_LONG =
          lookup.bind(
              unsafe, "putLongVolatile", returns(void.class, Object.class, long.class, long.class));
      GET_REFERENCE =
          reference(lookup, unsafe, "get", "", returns(Object.class, Object.class, long.class));
      PUT_REFERENCE =
          reference(
              lookup,
              unsafe,
              "put",
              "Volatile",
              returns(void.class, Object.class, long.class, Object.class));
      REPLACE =
          reference(
              lookup,
              unsafe,
              "compareAndSet",
              "",
              returns(boolean.class, Object.class, long.class, Object.class, Object.class));
    } catch (Throwable e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Memory() {}

  /** Where an instance field is, for the other methods. */
  static long offset(Class<?> type, String field) throws NoSuchFieldException {
    try {
      return (long) OFFSET.invokeExact(type.getDeclaredField(field));
    } catch (Throwable e) {
      throw (NoSuchFieldException)
          new NoSuchFieldException(type.getName() + "." + field).initCause(e);
    }
  }

  /** A static field of a class of the boot loader, which is not initialised by this. */
  static Static staticField(String type, String name) throws ReflectiveOperationException {
    Field field = Class.forName(type, false, null).getDeclaredField(name);
    try {
      return new Static(
          (Object) STATIC_BASE.invokeExact(field), (long) STATIC_OFFSET.invokeExact(field));
    } catch (Throwable e) {
      throw new AssertionError("the field is static", e);
    }
  }

  /** Whether nothing has used a class so far: it is not initialised. */
  static boolean isUnused(Class<?> type) {
    try {
      return (boolean) IS_UNUSED.invokeExact(type);
    } catch (Throwable e) {
      throw new AssertionError("Unsafe.shouldBeInitialized throws nothing for a class", e);
    }
  }

  /** A new object that no constructor has run on. */
  static Object allocate(Class<?> type) {
    try {
      return (Object) ALLOCATE.invokeExact(type);
    } catch (Throwable e) {
      throw new AssertionError(type + " has instances", e);
    }
  }

  /** The first word of an object, its mark. */
  static long mark(Object object) {
    try {
      return (long) GET_LONG.invokeExact(object, 0L);
    } catch (Throwable e) {
      throw new AssertionError("a read of memory throws nothing", e);
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

  private static MethodType returns(Class<?> result, Class<?>... parameters) {
    return MethodType.methodType(result, parameters);
  }

  /** {@code getReference}, which once was {@code getObject}. */
  private static MethodHandle reference(
      Lookup lookup, Object unsafe, String verb, String suffix, MethodType type)
      throws ReflectiveOperationException {
    try {
      return lookup.bind(unsafe, verb + "Reference" + suffix, type);
    } catch (NoSuchMethodException e) {
      return lookup.bind(unsafe, verb + "Object" + suffix, type);
    }
  }
}
