package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.Security;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.prng.SP800SecureRandomBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Draws from generators of all kinds, and a file in which several processes note what they drew.
 */
final class Draws {
  private static final String DRBG_CONFIG = "securerandom.drbg.config";

  private final Map<String, Callable<String>> sources = new HashMap<>();
  private final Path file;

  Draws(Path file) {
    this.file = file;
  }

  /** Generators that exist before a fork. */
  void addInstances(String when) throws GeneralSecurityException {
    for (String name : List.of("NativePRNG", "NativePRNGBlocking", "NativePRNGNonBlocking")) {
      add(when + name, SecureRandom.getInstance(name));
    }
    add(when + "default", new SecureRandom());
    add(when + "SHA1PRNG", SecureRandom.getInstance("SHA1PRNG"));
    SecureRandom seeded = SecureRandom.getInstance("SHA1PRNG");
    seeded.setSeed(42);
    add(when + "SHA1PRNG with a seed", seeded);
    String config = Security.getProperty(DRBG_CONFIG);
    for (String drbg : List.of("Hash_DRBG", "HMAC_DRBG", "CTR_DRBG")) {
      Security.setProperty(DRBG_CONFIG, drbg);
      SecureRandom random = SecureRandom.getInstance("DRBG");
      check(random.toString().startsWith(drbg), "%s instead of %s", random, drbg);
      add(when + drbg, random);
    }
    Security.setProperty(DRBG_CONFIG, config);
    add(when + "BouncyCastle", SecureRandom.getInstance("DEFAULT", new BouncyCastleProvider()));
    add(
        when + "BouncyCastle SP800",
        new SP800SecureRandomBuilder(new SecureRandom(), false)
            .buildHash(new SHA256Digest(), new byte[] {1}, false));
    add(when + "a subclass", new Homemade());
  }

  /** What every program can draw from without making a generator. */
  void addStatics() {
    sources.put("UUID", () -> UUID.randomUUID().toString());
    sources.put("ThreadLocalRandom", () -> hex(ThreadLocalRandom.current().nextLong()));
    sources.put("ThreadLocalRandom of a new thread", () -> inThread(Thread.ofPlatform()));
    sources.put("ThreadLocalRandom of a new virtual thread", () -> inThread(Thread.ofVirtual()));
    sources.put("Math.random", () -> Double.toString(Math.random()));
    sources.put("new Random", () -> hex(new Random().nextLong()));
    sources.put("new SecureRandom", () -> hex(new SecureRandom().nextLong()));
    sources.put("new SHA1PRNG", () -> hex(SecureRandom.getInstance("SHA1PRNG").nextLong()));
    sources.put("new DRBG", () -> hex(SecureRandom.getInstance("DRBG").nextLong()));
    sources.put("new SplittableRandom", () -> hex(new SplittableRandom().nextLong()));
    for (String name :
        List.of(
            "L32X64MixRandom",
            "L64X128MixRandom",
            "L64X128StarStarRandom",
            "L64X256MixRandom",
            "L64X1024MixRandom",
            "L128X128MixRandom",
            "L128X256MixRandom",
            "L128X1024MixRandom",
            "Xoroshiro128PlusPlus",
            "Xoshiro256PlusPlus")) {
      sources.put("new " + name, () -> hex(RandomGenerator.of(name).nextLong()));
    }
    sources.put("shuffle", Draws::shuffled);
    sources.put("temporary file", Draws::temporaryFile);
    sources.put("temporary path", Draws::temporaryPath);
  }

  /** The random number of a TLS client. */
  void addTls() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    sources.put("TLS", () -> clientRandom(context));
  }

  /** A virtual thread that exists, and draws when it is asked to. */
  void addVirtualThread(String name) {
    BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    BlockingQueue<String> drawn = new LinkedBlockingQueue<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            while (asked.take() != null) {
              drawn.add(hex(random.nextLong()) + hex(ThreadLocalRandom.current().nextLong()));
            }
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    add(
        name,
        () -> {
          asked.add("one");
          return drawn.take();
        });
  }

  /** Draws once from each, and notes it. */
  void note() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (var source : sources.entrySet()) {
      lines.append(source.getKey()).append(": ").append(source.getValue().call()).append('\n');
    }
    note(lines);
  }

  /** Notes other lines. */
  void note(CharSequence lines) throws IOException {
    Files.writeString(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** All lines of all processes must differ; returns how many there are. */
  int checkDistinct() throws IOException {
    Map<String, Integer> seen = new HashMap<>();
    List<String> lines = Files.readAllLines(file);
    List<String> twice = new ArrayList<>();
    for (String line : lines) {
      if (seen.merge(line, 1, Integer::sum) == 2) {
        twice.add(line);
      }
    }
    check(
        twice.isEmpty(),
        "%d of %d drawn twice: %s",
        twice.size(),
        lines.size(),
        twice.stream().limit(10).toList());
    return lines.size();
  }

  int size() {
    return sources.size();
  }

  void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  private void add(String name, SecureRandom random) {
    add(
        name,
        () -> {
          byte[] bytes = new byte[12];
          random.nextBytes(bytes);
          return HexFormat.of().formatHex(bytes);
        });
  }

  /** Draws once at once: a generator that is not used yet seeds itself in the child. */
  private void add(String name, Callable<String> source) {
    sources.put(name, source);
    try {
      check(!source.call().isEmpty(), "nothing drawn from %s", name);
    } catch (Exception e) {
      throw new AssertionError(name, e);
    }
  }

  private static String inThread(Thread.Builder builder) throws InterruptedException {
    AtomicReference<String> drawn = new AtomicReference<>("");
    builder.start(() -> drawn.set(hex(ThreadLocalRandom.current().nextLong()))).join();
    return drawn.get();
  }

  private static String shuffled() {
    List<Integer> numbers = new ArrayList<>(IntStream.range(0, 40).boxed().toList());
    Collections.shuffle(numbers);
    return numbers.toString();
  }

  private static String temporaryFile() throws IOException {
    File file = File.createTempFile("draw-", ".tmp");
    check(file.delete(), "%s was not deleted", file);
    return file.getName();
  }

  private static String temporaryPath() throws IOException {
    Path path = Files.createTempFile("draw-", ".tmp");
    Files.delete(path);
    return path.getFileName().toString();
  }

  private static String clientRandom(SSLContext context) throws SSLException {
    SSLEngine engine = context.createSSLEngine("localhost", 1);
    engine.setUseClientMode(true);
    engine.beginHandshake();
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    // 5 bytes of the record, 4 of the message, 2 of the version: RFC 8446, 4.1.2
    return HexFormat.of().formatHex(hello.array(), 11, 43);
  }

  static String hex(long number) {
    return HexFormat.of().toHexDigits(number);
  }

  /** A generator with a state of its own, as one may be in any program. */
  private static final class Homemade extends SecureRandom {
    private static final long serialVersionUID = 1;

    private long state = 7;

    @Override
    public synchronized void setSeed(byte[] seed) {
      state ^= ByteBuffer.wrap(seed).getLong();
    }

    @Override
    public synchronized void nextBytes(byte[] bytes) {
      for (int i = 0; i < bytes.length; i++) {
        state = state * 0x5851f42d4c957f2dL + 0x14057b7ef767814fL;
        bytes[i] = (byte) (state >>> 56);
      }
    }
  }
}
