package dev.tine.repair;

import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Gives a child random numbers of its own: a copy of a generator goes on with the numbers of its
 * original.
 *
 * <p>Here are the generators that the JDK has for itself and for all: {@code new SecureRandom()}
 * (NativePRNG, one state for all instances) and with it {@code UUID.randomUUID()}, names of
 * temporary files, TLS; {@code ThreadLocalRandom}; {@code Math.random()} and {@code
 * Collections.shuffle}; and what new generators are seeded with. Those that the program has made
 * are found by {@link Generators}. A {@code Random} that exists keeps its sequence: who seeds one,
 * wants it.
 *
 * <p>Threads are suspended meanwhile, and may be in the middle of a draw. So no lock is taken, and
 * each change is right whatever such a thread does next: see the lines.
 */
final class Randomness implements Repair {
  /**
   * The kinds of NativePRNG that are in use; found before a fork, as a child pays for each look.
   */
  private Object[] natives = {};

  @Override
  public void prepare() {
    Known.ensure(Seeders.class, "the list of random number generators");
    Known.ensure(ThreadSeeds.class, "the list of virtual threads");
    // For the rehearsal, which otherwise may find no thread that has a seed.
    ThreadLocalRandom.current();
    find();
  }

  @Override
  public void beforeFork() {
    ThreadSeeds.prepareVirtual();
    int known = natives.length;
    natives = Seeders.nativeGenerators();
    if (natives.length > known) {
      renewNatives(); // once in a parent, where it does no harm: a child finds it linked
    }
  }

  @Override
  public void inParent() {
    ThreadSeeds.forget();
  }

  /**
   * Brings threads out of {@code ThreadLocalRandom}: one that has read its seed would store the
   * successor of that, over the new one, in the child. Then finds what came into use since {@link
   * #beforeFork}; earlier, one that was brought out could have its first seed unseen.
   */
  @Override
  public boolean suspended(long deadline) {
    boolean moved = false;
    Thread inside;
    while ((inside = Suspension.findInside(ThreadLocalRandom.class)) != null) {
      moved = true;
      Suspension.step(inside);
      if (System.nanoTime() > deadline) {
        throw RepairException.busy(
            String.format(
                "thread \"%s\" does not come out of ThreadLocalRandom, whose seed has to be renewed"
                    + " in the child; the machine is overloaded, or the thread is starved: try"
                    + " again",
                inside.getName()));
      }
    }
    find();
    return moved;
  }

  private void find() {
    natives = Seeders.nativeGenerators();
    ThreadSeeds.find();
  }

  /** Makes all generators of a child begin anew. */
  @Override
  public void inChild(long[] seeds) {
    renewNatives();
    long seed = seeds[0];
    for (AtomicLong counter : Seeders.COUNTERS) {
      counter.set(mix(seed++));
    }
    // A factor of a product, which an even one would bring to 0.
    Seeders.UNIQUIFIER.set(seeds[1] | 1);
    reseed(Seeders.MATH_RANDOM, seeds[2]);
    reseed((Random) Seeders.SHUFFLE_RANDOM.get(), seeds[3]);
    ThreadSeeds.renew(seeds[4]);
  }

  private void renewNatives() {
    for (Object generator : natives) {
      renewNative(generator);
    }
  }

  /**
   * Puts unread bytes of the kernel in the place of all that a NativePRNG has read ahead, and has
   * it read into another array from now on.
   *
   * <p>All, and of the same length: a thread inside it may be about to take bytes at a position
   * that it has computed, or to say that none of the buffer is used yet. Whatever it takes then is
   * this process's own, from the old array if it has got hold of that one. (With an empty buffer
   * instead, one that had just filled the old one would declare it full.) And another: one that is
   * about to copy what it has read for both processes copies it to the old one. The generator also
   * mixes in one of its own, which is the parent's; bytes that nobody knows, mixed with known ones,
   * are still such.
   */
  private static void renewNative(Object generator) {
    byte[] old = (byte[]) Seeders.NATIVE_BUFFER.get(generator);
    byte[] bytes = new byte[old.length];
    if (Entropy.fill(bytes) == 0) {
      Memory.putReference(generator, Seeders.NATIVE_BUFFER_OFFSET, bytes);
      Entropy.fill(old);
    }
  }

  /**
   * Not {@code setSeed}, which locks. A thread that is about to store a successor of the old state
   * by compare-and-set fails, and takes the new one.
   */
  private static void reseed(@Nullable Random random, long seed) {
    if (random != null) {
      ((AtomicLong) Seeders.RANDOM_STATE.get(random)).set(seed & ((1L << 48) - 1));
    }
  }

  /** Makes numbers that are near each other differ in every bit (Stafford's 13th variant). */
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
