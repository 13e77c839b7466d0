package dev.tine.fork.internal.audit;

import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import java.util.List;

/**
 * What a fork does with generators of random numbers: the same in every JVM, and {@code /proc}
 * shows none.
 */
final class GeneratorPolicy {
  private GeneratorPolicy() {}

  static List<Finding> findings() {
    return List.of(
        finding(
            Kind.SECURE_RANDOM,
            "UUID.randomUUID() too",
            Treatment.RENEWED,
            "The child draws from the kernel anew."),
        finding(
            Kind.THREAD_LOCAL_RANDOM,
            "in all threads",
            Treatment.RENEWED,
            "The child has seeds that no other process has."),
        finding(
            Kind.SEED_SOURCE,
            "new Random(), RandomGenerator.of(..)",
            Treatment.RENEWED,
            "Generators made after the fork begin with seeds that no other process has."),
        finding(
            Kind.EXISTING_RANDOM,
            "made before the fork",
            Treatment.COPIED,
            "One that was given its seed keeps its sequence; Tine cannot tell it from one that"
                + " was not, so make those anew in the child."));
  }

  private static Finding finding(Kind kind, String target, Treatment treatment, String why) {
    return new Finding(new Subject.Whole(), kind, target, treatment, why);
  }
}
