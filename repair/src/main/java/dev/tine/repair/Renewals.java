package dev.tine.repair;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** How each kind of {@link SecureRandom} is given new state. */
final class Renewals {
  /** More than any generator's security strength, in bytes. */
  private static final int SEED_BYTES = 64;

  private static final String SHA1 = "sun.security.provider.SecureRandom";
  private static final String DRBG = "sun.security.provider.DRBG";
  private static final String ABSTRACT_DRBG = "sun.security.provider.AbstractDrbg";
  private static final String PKCS11 = "sun.security.pkcs11.P11SecureRandom";

  private static final MethodHandle SPI_SET_SEED;

  /** Null until a program uses DRBG. */
  private static @Nullable Class<?> drbg;

  private static @Nullable MethodHandle drbgSetSeed;
  private static @Nullable VarHandle drbgInstantiated;
  private static final VarHandle SHA1_STATE;
  private static final VarHandle THREAD_SAFE;
  private static @Nullable VarHandle pkcs11Buffered;

  /** For subclasses that have one: {@code reseed(byte[])}, or {@code reseed()}. */
  private static final Map<Class<?>, MethodHandle> RESEED = new WeakHashMap<>();

  static {
    try {
      SPI_SET_SEED =
          Seeders.lookup(SecureRandomSpi.class)
              .findVirtual(
                  SecureRandomSpi.class,
                  "engineSetSeed",
                  MethodType.methodType(void.class, byte[].class));
      THREAD_SAFE = Seeders.variable(SecureRandom.class, "threadSafe");
      SHA1_STATE = Seeders.variable(Class.forName(SHA1), "state");
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Renewals() {}

  /** Generators of Tine's own, to be renewed once while all threads run, so that all is linked. */
  static Object[] rehearsals() {
    List<Object> all = new ArrayList<>();
    all.add(new Rehearsal());
    if (drbg != null) {
      try {
        SecureRandom random = SecureRandom.getInstance("DRBG", "SUN");
        random.nextInt();
        Object spi = Seeders.variable(SecureRandom.class, "secureRandomSpi").get(random);
        all.add(Seeders.variable(spi.getClass(), "impl").get(spi));
      } catch (GeneralSecurityException | ReflectiveOperationException e) {
        // it is not there any more, and those that are left are renewed as they can
      }
    }
    return all.toArray();
  }

  /** A generator to rehearse with. */
  static final class Rehearsal extends SecureRandomSpi {
    private static final long serialVersionUID = 1;

    @Override
    protected void engineSetSeed(byte[] seed) {}

    @Override
    protected void engineNextBytes(byte[] bytes) {}

    @Override
    protected byte[] engineGenerateSeed(int count) {
      return new byte[count];
    }
  }

  /** Whether instances of a class may have a state of their own. */
  static boolean isStateful(Class<?> type) {
    String name = type.getName();
    return type != SecureRandom.class
        && type != Rehearsal.class
        && !Modifier.isAbstract(type.getModifiers())
        && !name.equals(SHA1)
        && !name.startsWith("sun.security.provider.NativePRNG");
  }

  /** Learns how instances of these classes are renewed; returns the classes to look for. */
  static Class<?>[] know(List<Class<?>> stateful, Class<?>[] kinds) {
    for (Class<?> type : stateful) {
      try {
        if (type.getName().equals(DRBG)) {
          knowDrbg();
        } else if (type.getName().equals(PKCS11)) {
          Opens.of(type);
          pkcs11Buffered = Seeders.variable(type, "ibuffered");
        } else if (SecureRandom.class.isAssignableFrom(type)) {
          knowReseed(type);
        }
      } catch (ReflectiveOperationException | LinkageError e) {
        throw RepairException.unsupported(
            "the random number generator " + type.getName() + " is not known: " + e);
      }
    }
    if (drbg == null) {
      return kinds;
    }
    Class<?>[] roots = Arrays.copyOf(kinds, kinds.length + 1);
    roots[kinds.length] = drbg;
    return roots;
  }

  private static void knowDrbg() throws ReflectiveOperationException {
    Class<?> type = Class.forName(ABSTRACT_DRBG);
    drbgInstantiated = Seeders.variable(type, "instantiated");
    drbgSetSeed =
        Seeders.lookup(type)
            .findVirtual(type, "engineSetSeed", MethodType.methodType(void.class, byte[].class))
            .asType(MethodType.methodType(void.class, Object.class, byte[].class));
    drbg = type;
  }

  private static void knowReseed(Class<?> type) throws ReflectiveOperationException {
    for (Method method : type.getMethods()) {
      if (method.getName().equals("reseed")
          && method.getDeclaringClass() != SecureRandom.class
          && !Modifier.isStatic(method.getModifiers())) {
        Class<?>[] parameters = method.getParameterTypes();
        boolean withBytes = parameters.length == 1 && parameters[0] == byte[].class;
        if (withBytes || (parameters.length == 0 && !RESEED.containsKey(type))) {
          Class<?> owner = method.getDeclaringClass();
          Opens.of(owner);
          method.setAccessible(true);
          MethodHandle reseed = MethodHandles.lookup().unreflect(method);
          if (!withBytes) {
            reseed = MethodHandles.dropArguments(reseed, 1, byte[].class);
          }
          RESEED.put(
              type, reseed.asType(MethodType.methodType(void.class, Object.class, byte[].class)));
        }
      }
    }
  }

  /**
   * Whether a generator has state that a child must not share. One that is not seeded yet seeds
   * itself when it is first used.
   */
  static boolean hasState(Object generator) {
    if (drbg != null && drbgInstantiated != null && drbg.isInstance(generator)) {
      return (boolean) drbgInstantiated.get(generator);
    }
    if (generator.getClass().getName().equals(SHA1)) {
      return SHA1_STATE.get(generator) != null;
    }
    return isStateful(generator.getClass()) && !generator.getClass().getName().equals(DRBG);
  }

  /**
   * Whether something is locked while another is drawn from: the {@code SecureRandom} around an
   * implementation that is not safe for threads.
   */
  static boolean isGuard(Object random) {
    return random.getClass() == SecureRandom.class && !(boolean) THREAD_SAFE.get(random);
  }

  /** Gives a generator new state: a child's own. */
  static void renew(Object generator) throws Throwable {
    byte[] seed = new byte[SEED_BYTES];
    Entropy.fill(seed);
    if (generator instanceof SecureRandomSpi) {
      SPI_SET_SEED.invokeExact((SecureRandomSpi) generator, seed);
      if (pkcs11Buffered != null && generator.getClass().getName().equals(PKCS11)) {
        pkcs11Buffered.set(generator, 0); // what it has read ahead
      }
    } else if (generator instanceof SecureRandom) {
      SecureRandom random = (SecureRandom) generator;
      MethodHandle reseed = RESEED.get(random.getClass());
      if (reseed != null) {
        reseed.invokeExact((Object) random, seed);
      }
      random.setSeed(seed);
    } else if (drbgSetSeed != null) {
      drbgSetSeed.invokeExact(generator, seed);
    }
    Arrays.fill(seed, (byte) 0); // it is a secret
  }
}
