package dev.tine.repair;

import java.lang.invoke.VarHandle;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the {@link SecureRandom}s with a state of their own that the program has made (DRBG,
 * SHA1PRNG, PKCS11, those of other providers), and has a child renew them.
 *
 * <p>They are found by a walk through the heap at each fork, while all threads stand still, so that
 * none is missed. The walk is dear, and most programs have no such generator; so it is made only if
 * there can be one: if a class of that kind is loaded. NativePRNG is not, see {@link Randomness}.
 */
final class Generators implements Repair {
  private static final Class<?>[] KINDS = {SecureRandom.class, SecureRandomSpi.class};

  /** How long it alone may run; then it may wait for another, and all are let go on. */
  private static final long ALONE_NANOS = 20_000_000L;

  private static final Object[] NOTHING = {};

  private @Nullable Object sha1Service;
  private @Nullable VarHandle serviceUsed;
  private int classesSeen = -1;
  private boolean classesFound;
  private boolean walked;
  private Class<?>[] roots = KINDS;

  /**
   * Those to be renewed; from the walk until the repairs are made, in the parent and in the child.
   */
  private Object[] found = NOTHING;

  private final Renewer renewer = new Renewer();

  @Override
  public void prepare() {
    int error = Jvmti.open(KINDS);
    if (error != Jvmti.NONE) {
      throw RepairException.unsupported(
          "the VM does not let its threads be suspended (JVMTI error " + error + ")");
    }
    try {
      Provider sun = Security.getProvider("SUN");
      sha1Service = sun == null ? null : sun.getService("SecureRandom", "SHA1PRNG");
      serviceUsed = serviceUsed();
    } catch (ReflectiveOperationException e) {
      throw RepairException.unsupported("the security providers of this JDK are not known: " + e);
    }
    Jvmti.instances(null);
    Seeders.mayBeHeld(this);
    Suspension.rehearse();
  }

  /**
   * Learns of classes that were not there before, and makes a walk then, so that nothing is linked
   * in the one that counts: while all threads run.
   */
  @Override
  public void beforeFork() {
    int classes = Jvmti.newClasses();
    if (classes != classesSeen) {
      List<Class<?>> stateful = new ArrayList<>();
      for (Class<?> kind : KINDS) {
        Class<?>[] subclasses = Jvmti.subclasses(kind);
        stateful.addAll(Arrays.asList(subclasses == null ? KINDS : subclasses));
      }
      stateful.removeIf(type -> !Renewals.isStateful(type));
      classesFound = !stateful.isEmpty();
      roots = Renewals.know(stateful, KINDS);
      classesSeen = classes; // as read before: one that came since is found by the next fork
      walked = false;
    }
    if (!walked && (classesFound || isSha1Used())) {
      walked = true;
      findAll();
      found = Renewals.rehearsals();
      renewer.renew(found);
      renewer.report();
      found = NOTHING;
    }
  }

  /** Finds them, and brings threads out of them that are in the middle of a draw. */
  @Override
  public boolean suspended(long deadline) {
    if (!classesFound && Jvmti.newClasses() == classesSeen && !isSha1Used()) {
      return false;
    }
    boolean moved = false;
    Object held;
    while ((held = findAll()) != null) {
      moved = true;
      Thread owner = stepOut(held);
      if (owner != null) {
        Suspension.end();
        Jvmti.pause();
        if (System.nanoTime() > deadline) {
          throw busy(held, owner);
        }
        Suspension.begin();
      }
    }
    return moved;
  }

  @Override
  public void inParent() {
    found = NOTHING;
  }

  @Override
  public void inChild(long[] seeds) {
    if (found.length > 0) {
      renewer.renew(found);
      found = NOTHING;
    }
  }

  /** Says which could not be renewed. */
  @Override
  public void resumed() {
    renewer.report();
  }

  /** Walks through the heap; returns one of those found that another thread is in, or null. */
  private @Nullable Object findAll() {
    List<Object> all = new ArrayList<>();
    List<Object> guards = new ArrayList<>();
    for (Class<?> root : roots) {
      Object[] instances = Jvmti.instances(root);
      if (instances == null) {
        throw new OutOfMemoryError("the random number generators of the heap");
      }
      for (Object instance : instances) {
        if (Renewals.hasState(instance)) {
          all.add(instance);
        } else if (Renewals.isGuard(instance)) {
          guards.add(instance);
        }
      }
    }
    found = all.toArray();
    guards.addAll(all);
    for (Object generator : guards) {
      if (Seeders.mayBeHeld(generator)) {
        Thread owner = Jvmti.owner(generator);
        if (owner != null && owner != Thread.currentThread()) {
          return generator;
        }
      }
    }
    return null;
  }

  /**
   * Lets the thread that is in a generator run alone, until it is out; returns it if it does not
   * come out.
   *
   * <p>Alone: where several contend for a generator, one of them is in it at almost any moment.
   */
  private static @Nullable Thread stepOut(Object generator) {
    long deadline = System.nanoTime() + ALONE_NANOS;
    Thread owner;
    while ((owner = Jvmti.owner(generator)) != null
        && owner != Thread.currentThread()
        && System.nanoTime() < deadline) {
      Suspension.step(owner);
    }
    return owner == Thread.currentThread() ? null : owner;
  }

  /** Whether the service has ever made one: its class is always loaded, NativePRNG uses it. */
  private boolean isSha1Used() {
    return sha1Service == null
        || serviceUsed == null
        || serviceUsed.get((Provider.Service) sha1Service) != null;
  }

  /** What a service remembers of its class once it has made something: not the same in all JDKs. */
  private static VarHandle serviceUsed() throws ReflectiveOperationException {
    try {
      return Seeders.variable(Provider.Service.class, "constructorCache");
    } catch (NoSuchFieldException e) {
      return Seeders.variable(Provider.Service.class, "classRef");
    }
  }

  private static RepairException busy(Object generator, Thread owner) {
    return RepairException.busy(
        String.format(
            "thread \"%s\" holds the lock of a %s for long, which has to be renewed in"
                + " the child; let it release the lock, or try again",
            owner.getName(), generator.getClass().getName()));
  }
}
