package dev.tine.repair;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
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
  private static final List<String> GENERATORS =
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
          "Xoshiro256PlusPlus");

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

  static final long NATIVE_BUFFER_OFFSET;

  private static final Memory.Static[] NATIVE;

  /** Null: there is never a virtual thread. */
  private static final Memory.@Nullable Static VIRTUAL_SCHEDULER;

  static {
    try {
      Opens.ofBase(
          "java.lang",
          "java.security",
          "java.util",
          "java.util.concurrent",
          "jdk.internal.random",
          "jdk.internal.vm",
          "sun.security.provider");
      List<AtomicLong> counters = new ArrayList<>();
      counters.add((AtomicLong) constant(ThreadLocalRandom.class, "seeder"));
      counters.add((AtomicLong) constant(SplittableRandom.class, "defaultGen"));
      for (Class<?> type : generators()) {
        counters.add(counter(type));
      }
      COUNTERS = counters.toArray(new AtomicLong[0]);
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

      List<Memory.Static> natives = new ArrayList<>();
      for (String name : List.of("", "$Blocking", "$NonBlocking")) {
        natives.add(Memory.staticField("sun.security.provider.NativePRNG" + name, "INSTANCE"));
      }
      NATIVE = natives.toArray(new Memory.Static[0]);
      Class<?> io = Class.forName("sun.security.provider.NativePRNG$RandomIO");
      NATIVE_BUFFER = variable(io, "nextBuffer");
      NATIVE_BUFFER_OFFSET = Memory.offset(io, "nextBuffer");
      VIRTUAL_SCHEDULER =
          VirtualThreads.exist()
              ? Memory.staticField("java.lang.VirtualThread", "DEFAULT_SCHEDULER")
              : null;
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Seeders() {}

  /** The states of the kinds of NativePRNG that are in use; each is shared by all its instances. */
  static Object[] nativeGenerators() {
    Object[] states = new Object[NATIVE.length];
    int count = 0;
    for (Memory.Static kind : NATIVE) {
      Object state = kind.get();
      if (state != null) {
        states[count++] = state;
      }
    }
    return Arrays.copyOf(states, count);
  }

  /** Whether there may be virtual threads. */
  static boolean hasVirtualThreads() {
    return VIRTUAL_SCHEDULER != null && VIRTUAL_SCHEDULER.get() != null;
  }

  /**
   * False only if nobody holds the monitor of an object.
   *
   * <p>The lowest bits of the first word of an object are 01 if nobody does, in all modes of
   * locking that HotSpot has (markWord.hpp).
   */
  static boolean mayBeHeld(Object object) {
    return (Memory.mark(object) & 3) != 1;
  }

  static VarHandle variable(Class<?> type, String name) throws ReflectiveOperationException {
    return lookup(type).unreflectVarHandle(type.getDeclaredField(name));
  }

  static Lookup lookup(Class<?> type) throws IllegalAccessException {
    return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
  }

  /** The {@code RandomGenerator}s that seed themselves; older JDKs have none. */
  private static List<Class<?>> generators() throws ReflectiveOperationException {
    Module module = Object.class.getModule();
    String home = "jdk.internal.random";
    if (!module.getPackages().contains(home)) {
      // Before they became part of java.base, they were a module, which may be left out.
      Optional<Module> own = ModuleLayer.boot().findModule("jdk.random");
      if (!own.isPresent()) {
        return List.of();
      }
      module = own.get();
      home = "jdk.random";
      Opens.of(module, home);
    }
    List<Class<?>> types = new ArrayList<>();
    for (String name : GENERATORS) {
      Class<?> type = Class.forName(module, home + "." + name);
      if (type == null) {
        throw new ClassNotFoundException(home + "." + name);
      }
      types.add(type);
    }
    return types;
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
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    Object value = field.get(null);
    if (value == null) {
      throw new NoSuchFieldException(type.getName() + "." + name + " is null");
    }
    return value;
  }
}
