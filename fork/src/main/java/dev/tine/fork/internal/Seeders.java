package dev.tine.fork.internal;

import dev.tine.sys.Opens;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where the JDK keeps its generators and what it seeds new ones with. Constants: a child pays for
 * every step on the way to them.
 */
final class Seeders {
  /** Numbers that new generators of some kind take their seeds from, one after the other. */
  static final AtomicLong[] COUNTERS;

  /** The factor of the seeds of {@code new Random()}. */
  static final AtomicLong UNIQUIFIER;

  static final VarHandle THREAD_SEED;
  static final VarHandle THREAD_PROBE;

  /** The state of a {@link Random}, 48 bits. */
  static final VarHandle RANDOM_STATE;

  static final Random MATH_RANDOM;

  /** Of {@code Collections.shuffle}; null until it is first used. */
  static final VarHandle SHUFFLE_RANDOM;

  /** The bytes that a NativePRNG has read ahead. */
  static final VarHandle NATIVE_BUFFER;

  private static final Static[] NATIVE;
  private static final Static VIRTUAL_SCHEDULER;

  private static final MethodHandle GET_REFERENCE;
  private static final MethodHandle GET_LONG;

  /** A static field, which can be read without its class being initialised: null then. */
  private record Static(Object base, long offset) {}

  static {
    try {
      for (String name :
          new String[] {
            "java.lang",
            "java.security",
            "java.util",
            "java.util.concurrent",
            "jdk.internal.misc",
            "jdk.internal.random",
            "jdk.internal.vm",
            "sun.security.provider"
          }) {
        Opens.addOpens(Object.class.getModule(), name, Seeders.class.getModule());
      }
      Class<?> unsafeClass = Class.forName("jdk.internal.misc.Unsafe");
      Lookup unsafeLookup = lookup(unsafeClass);
      Object unsafe =
          unsafeLookup
              .findStatic(unsafeClass, "getUnsafe", MethodType.methodType(unsafeClass))
              .invoke();
      GET_REFERENCE =
          unsafeLookup.bind(
              unsafe,
              "getReference",
              MethodType.methodType(Object.class, Object.class, long.class));
      GET_LONG =
          unsafeLookup.bind(
              unsafe, "getLong", MethodType.methodType(long.class, Object.class, long.class));
      MethodHandle base =
          unsafeLookup.bind(
              unsafe, "staticFieldBase", MethodType.methodType(Object.class, Field.class));
      MethodHandle offset =
          unsafeLookup.bind(
              unsafe, "staticFieldOffset", MethodType.methodType(long.class, Field.class));

      List<AtomicLong> counters = new ArrayList<>();
      counters.add((AtomicLong) constant(ThreadLocalRandom.class, "seeder"));
      counters.add((AtomicLong) constant(SplittableRandom.class, "defaultGen"));
      for (String name :
          List.of(
              "L128X1024MixRandom",
              "L128X128MixRandom",
              "L128X256MixRandom",
              "L32X64MixRandom",
              "L64X1024MixRandom",
              "L64X128MixRandom",
              "L64X128StarStarRandom",
              "L64X256MixRandom",
              "Xoroshiro128PlusPlus",
              "Xoshiro256PlusPlus")) {
        counters.add(counter(Class.forName("jdk.internal.random." + name)));
      }
      COUNTERS = counters.toArray(AtomicLong[]::new);
      UNIQUIFIER = (AtomicLong) constant(Random.class, "seedUniquifier");
      RANDOM_STATE = variable(Random.class, "seed");
      MATH_RANDOM =
          (Random)
              constant(
                  Class.forName("java.lang.Math$RandomNumberGeneratorHolder"),
                  "randomNumberGenerator");
      SHUFFLE_RANDOM = variable(Collections.class, "r");
      THREAD_SEED = variable(Thread.class, "threadLocalRandomSeed");
      THREAD_PROBE = variable(Thread.class, "threadLocalRandomProbe");

      List<Static> natives = new ArrayList<>();
      for (String name : List.of("", "$Blocking", "$NonBlocking")) {
        natives.add(
            at(unsafeStatic("sun.security.provider.NativePRNG" + name, "INSTANCE"), base, offset));
      }
      NATIVE = natives.toArray(Static[]::new);
      NATIVE_BUFFER =
          variable(Class.forName("sun.security.provider.NativePRNG$RandomIO"), "nextBuffer");
      VIRTUAL_SCHEDULER =
          at(unsafeStatic("java.lang.VirtualThread", "DEFAULT_SCHEDULER"), base, offset);
    } catch (Throwable e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Seeders() {}

  static int nativeGenerators() {
    return NATIVE.length;
  }

  /** The state of a kind of NativePRNG, shared by all its instances; null if it was never used. */
  static @Nullable Object nativeGenerator(int kind) {
    return read(NATIVE[kind]);
  }

  /** Whether there may be virtual threads. */
  static boolean hasVirtualThreads() {
    return read(VIRTUAL_SCHEDULER) != null;
  }

  /**
   * False only if nobody holds the monitor of an object.
   *
   * <p>The lowest bits of the first word of an object are 01 if nobody does, in all modes of
   * locking that HotSpot has (markWord.hpp).
   */
  static boolean mayBeHeld(Object object) {
    try {
      return ((long) GET_LONG.invokeExact(object, 0L) & 3) != 1;
    } catch (Throwable e) {
      throw new AssertionError("Unsafe.getLong throws nothing", e);
    }
  }

  static VarHandle variable(Class<?> type, String name) throws ReflectiveOperationException {
    return lookup(type).unreflectVarHandle(type.getDeclaredField(name));
  }

  static Lookup lookup(Class<?> type) throws IllegalAccessException {
    return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
  }

  private static @Nullable Object read(Static field) {
    try {
      return (Object) GET_REFERENCE.invokeExact(field.base, field.offset);
    } catch (Throwable e) {
      throw new AssertionError("Unsafe.getReference throws nothing", e);
    }
  }

  private static Static at(Field field, MethodHandle base, MethodHandle offset) throws Throwable {
    return new Static((Object) base.invokeExact(field), (long) offset.invokeExact(field));
  }

  private static Field unsafeStatic(String type, String name) throws ReflectiveOperationException {
    return Class.forName(type, false, null).getDeclaredField(name);
  }

  /** The only static field of this type, whose name differs. */
  private static AtomicLong counter(Class<?> type) throws ReflectiveOperationException {
    for (Field field : type.getDeclaredFields()) {
      if (field.getType() == AtomicLong.class && Modifier.isStatic(field.getModifiers())) {
        return (AtomicLong) constant(type, field.getName());
      }
    }
    throw new NoSuchFieldException(type.getName() + " has no counter of seeds");
  }

  private static Object constant(Class<?> type, String name) throws ReflectiveOperationException {
    var field = type.getDeclaredField(name);
    field.setAccessible(true);
    Object value = field.get(null);
    if (value == null) {
      throw new NoSuchFieldException(type.getName() + "." + name + " is null");
    }
    return value;
  }
}
