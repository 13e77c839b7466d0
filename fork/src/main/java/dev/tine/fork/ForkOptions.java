package dev.tine.fork;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a fork shall not treat as usual. For those who know what parent and child do with it.
 *
 * {@snippet class="dev.tine.fork.Snippets" region="options"}
 *
 * <p>Immutable: each method returns another.
 */
public final class ForkOptions {
  private static final ForkOptions DEFAULTS =
      new ForkOptions(EnumSet.noneOf(Refusal.class), Optional.empty(), Optional.empty());

  private final Set<Refusal> allowed;
  private final Optional<Predicate<? super Descriptor>> kept;
  private final Optional<Predicate<? super String>> mappings;

  private ForkOptions(
      Set<Refusal> allowed,
      Optional<Predicate<? super Descriptor>> kept,
      Optional<Predicate<? super String>> mappings) {
    this.allowed = allowed;
    this.kept = kept;
    this.mappings = mappings;
  }

  /** Nothing is kept, and nothing is allowed. */
  public static ForkOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Leaves descriptors shared by parent and child, besides those that are already: a connection
   * that only the child is going to use, a log file that both append to.
   *
   * <p>All numbers of one description stay shared if one of them does. Both processes then take
   * from it what the other might have wanted, and share its position and flags.
   *
   * @param which is asked for each open descriptor, by the thread that forks, before any thread is
   *     stopped; one that is opened later is treated as usual
   */
  public ForkOptions keep(Predicate<? super Descriptor> which) {
    Predicate<? super Descriptor> before = kept.orElse(_ -> false);
    Predicate<Descriptor> either = descriptor -> before.test(descriptor) || which.test(descriptor);
    return new ForkOptions(allowed, Optional.of(either), mappings);
  }

  /** Does not refuse these. */
  public ForkOptions allow(Refusal... refusals) {
    Set<Refusal> all = EnumSet.noneOf(Refusal.class);
    all.addAll(allowed);
    Collections.addAll(all, refusals);
    return new ForkOptions(all, kept, mappings);
  }

  /**
   * Does not refuse mappings that are writable and shared, of certain files: parent and child see
   * what the other writes.
   *
   * @param path is asked for the path of each, as {@code /proc/self/maps} says it, before any
   *     thread is stopped: {@code "/var/lib/shop/index"}, {@code "/dev/zero (deleted)"}
   */
  public ForkOptions allowMapping(Predicate<? super String> path) {
    Predicate<? super String> before = mappings.orElse(_ -> false);
    Predicate<String> either = name -> before.test(name) || path.test(name);
    return new ForkOptions(allowed, kept, Optional.of(either));
  }

  /** Is this not refused? */
  public boolean allows(Refusal refusal) {
    return allowed.contains(refusal);
  }

  /** Which descriptors stay shared; empty: none more than usual. */
  public Optional<Predicate<? super Descriptor>> kept() {
    return kept;
  }

  /** Of which paths shared mappings are not refused; empty: of none. */
  public Optional<Predicate<? super String>> allowedMappings() {
    return mappings;
  }
}
