package dev.tine.fork.internal;

import dev.tine.sys.Opens;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives a child random numbers of its own: a copy of a generator goes on with the numbers of its
 * original.
 *
 * <p>Covered are the generators that programs have without asking: {@code new SecureRandom()}
 * (NativePRNG, one state for all instances) and with it {@code UUID.randomUUID()}; {@code
 * ThreadLocalRandom} of platform threads and of threads yet to come; {@code Math.random()}; the
 * seeds of {@code new Random()} and {@code new SplittableRandom()}. A {@code Random} that exists
 * keeps its sequence: who seeds one, wants it.
 */
final class Randomness implements Repair {
  /** The step of SplittableRandom; ThreadLocalRandom mixes what it makes of its seed. */
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  @Override
  public void prepare() {
    try {
      MethodHandles.lookup().ensureInitialized(Internals.class);
    } catch (IllegalAccessException | LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw Support.refused(
          "the random number generators of this JDK ("
              + Runtime.version()
              + ") are not known: "
              + cause);
    }
  }

  /** Makes all generators of a child begin anew. */
  @Override
  public void inChild(long[] seeds) {
    synchronized (Internals.NATIVE_PRNG_LOCK) {
      Internals.NATIVE_PRNG_UNREAD.set(Internals.NATIVE_PRNG, 0); // bytes of /dev/urandom
      Internals.NATIVE_PRNG_MIXED.set(
          Internals.NATIVE_PRNG, null); // made anew, from /dev/urandom, at its next use
    }
    Internals.THREAD_LOCAL_SEEDER.set(seeds[0]);
    Internals.RANDOM_UNIQUIFIER.set(
        seeds[1] | 1); // a factor of a product, which an even one would bring to 0
    Internals.SPLITTABLE_SEEDER.set(seeds[2]);
    Internals.MATH_RANDOM.setSeed(seeds[3]);
    long seed = seeds[4];
    for (Thread thread : Internals.liveThreads()) {
      if ((int) Internals.THREAD_PROBE.get(thread)
          != 0) { // 0: it has not used it, and takes a new seed when it does
        Internals.THREAD_SEED.set(thread, seed += GOLDEN_GAMMA);
      }
    }
  }

  /**
   * Where the JDK keeps its generators. Constants: a child pays for every step on the way to them.
   */
  private static final class Internals {
    static final AtomicLong THREAD_LOCAL_SEEDER;
    static final AtomicLong RANDOM_UNIQUIFIER;
    static final AtomicLong SPLITTABLE_SEEDER;
    static final Random MATH_RANDOM;
    static final VarHandle THREAD_SEED;
    static final VarHandle THREAD_PROBE;
    static final Object NATIVE_PRNG;
    static final Object NATIVE_PRNG_LOCK;
    static final VarHandle NATIVE_PRNG_UNREAD;
    static final VarHandle NATIVE_PRNG_MIXED;
    private static final MethodHandle LIVE_THREADS;

    static {
      try {
        for (String name :
            new String[] {
              "java.lang", "java.util", "java.util.concurrent", "sun.security.provider"
            }) {
          Opens.addOpens(Object.class.getModule(), name, Randomness.class.getModule());
        }
        THREAD_LOCAL_SEEDER = (AtomicLong) constant(ThreadLocalRandom.class, "seeder");
        RANDOM_UNIQUIFIER = (AtomicLong) constant(Random.class, "seedUniquifier");
        SPLITTABLE_SEEDER = (AtomicLong) constant(SplittableRandom.class, "defaultGen");
        MATH_RANDOM =
            (Random)
                constant(
                    Class.forName("java.lang.Math$RandomNumberGeneratorHolder"),
                    "randomNumberGenerator");
        THREAD_SEED = variable(Thread.class, "threadLocalRandomSeed");
        THREAD_PROBE = variable(Thread.class, "threadLocalRandomProbe");
        LIVE_THREADS =
            lookup(Thread.class)
                .findStatic(Thread.class, "getAllThreads", MethodType.methodType(Thread[].class));
        NATIVE_PRNG = constant(Class.forName("sun.security.provider.NativePRNG"), "INSTANCE");
        NATIVE_PRNG_LOCK = variable(NATIVE_PRNG.getClass(), "LOCK_GET_BYTES").get(NATIVE_PRNG);
        NATIVE_PRNG_UNREAD = variable(NATIVE_PRNG.getClass(), "buffered");
        NATIVE_PRNG_MIXED = variable(NATIVE_PRNG.getClass(), "mixRandom");
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private Internals() {}

    static Thread[] liveThreads() {
      try {
        return (Thread[]) LIVE_THREADS.invokeExact();
      } catch (Throwable e) {
        throw new AssertionError("Thread.getAllThreads() throws nothing", e);
      }
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

    private static VarHandle variable(Class<?> type, String name)
        throws ReflectiveOperationException {
      return lookup(type).unreflectVarHandle(type.getDeclaredField(name));
    }

    private static Lookup lookup(Class<?> type) throws IllegalAccessException {
      return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
    }
  }
}
