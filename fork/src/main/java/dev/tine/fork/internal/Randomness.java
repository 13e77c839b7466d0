package dev.tine.fork.internal;

import dev.tine.sys.Entropy;
import dev.tine.sys.ForkCall;
import dev.tine.sys.Opens;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

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
final class Randomness {
  /** The step of SplittableRandom; ThreadLocalRandom mixes what it makes of its seed. */
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private static @Nullable Randomness prepared;

  private final AtomicLong threadLocalSeeder;
  private final AtomicLong randomUniquifier;
  private final AtomicLong splittableSeeder;
  private final Random mathRandom;
  private final Method liveThreads;
  private final Field threadSeed;
  private final Field threadProbe;
  private final NativePrng nativePrng;

  /**
   * The one state of all NativePRNG instances: unread bytes of /dev/urandom, and a generator mixed
   * in.
   */
  private record NativePrng(Object state, Object lock, Field unread, Field mixed) {
    void reset() throws IllegalAccessException {
      synchronized (lock) {
        unread.setInt(state, 0);
        mixed.set(state, null); // made anew, from /dev/urandom, at the next use
      }
    }
  }

  private Randomness() throws ReflectiveOperationException {
    Module base = Object.class.getModule();
    Module here = Randomness.class.getModule();
    for (String packageName :
        new String[] {"java.lang", "java.util", "java.util.concurrent", "sun.security.provider"}) {
      Opens.addOpens(base, packageName, here);
    }
    threadLocalSeeder = (AtomicLong) get(ThreadLocalRandom.class, "seeder", null);
    randomUniquifier = (AtomicLong) get(Random.class, "seedUniquifier", null);
    splittableSeeder = (AtomicLong) get(SplittableRandom.class, "defaultGen", null);
    mathRandom =
        (Random)
            get(
                Class.forName("java.lang.Math$RandomNumberGeneratorHolder"),
                "randomNumberGenerator",
                null);
    liveThreads = Thread.class.getDeclaredMethod("getAllThreads");
    liveThreads.setAccessible(true);
    threadSeed = field(Thread.class, "threadLocalRandomSeed");
    threadProbe = field(Thread.class, "threadLocalRandomProbe");
    Object state = get(Class.forName("sun.security.provider.NativePRNG"), "INSTANCE", null);
    Class<?> type = state.getClass();
    nativePrng =
        new NativePrng(
            state,
            get(type, "LOCK_GET_BYTES", state),
            field(type, "buffered"),
            field(type, "mixRandom"));
  }

  /**
   * Finds what is to be changed; in the parent, once, before its first fork.
   *
   * <p>It also makes the change there, which nobody can notice, so that a child finds all of this
   * linked and loaded.
   */
  static void prepare() {
    if (prepared != null) {
      return;
    }
    try {
      Randomness randomness = new Randomness();
      randomness.renew(Entropy.longs(ForkCall.ENTROPY));
      prepared = randomness;
    } catch (ReflectiveOperationException | LinkageError e) {
      throw Support.refused(
          "the random number generators of this JDK ("
              + Runtime.version()
              + ") are not known: "
              + e);
    }
  }

  /** In a child, before {@code fork()} returns. */
  static void inChild(long[] seeds) {
    Randomness randomness = prepared;
    if (randomness != null) {
      try {
        randomness.renew(seeds);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("random numbers of the child could not be renewed", e);
      }
    }
  }

  private void renew(long[] seeds) throws ReflectiveOperationException {
    nativePrng.reset();
    threadLocalSeeder.set(seeds[0]);
    randomUniquifier.set(seeds[1] | 1); // a factor of a product, which an even one would bring to 0
    splittableSeeder.set(seeds[2]);
    mathRandom.setSeed(seeds[3]);
    long seed = seeds[4];
    Arrays.fill(seeds, 0); // they are secrets
    for (Thread thread : (Thread[]) liveThreads.invoke(null)) {
      if (threadProbe.getInt(thread)
          != 0) { // 0: this thread has not used it, and takes a new seed when it does
        threadSeed.setLong(thread, seed += GOLDEN_GAMMA);
      }
    }
  }

  private static Object get(Class<?> type, String name, @Nullable Object of)
      throws ReflectiveOperationException {
    Object value = field(type, name).get(of);
    if (value == null) {
      throw new NoSuchFieldException(type.getName() + "." + name + " is null");
    }
    return value;
  }

  private static Field field(Class<?> type, String name) throws NoSuchFieldException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }
}
