package dev.tine.fork.internal;

import dev.tine.fork.ForkOptions;
import dev.tine.fork.Refusal;
import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ForkOptions} change in an audit: a fork with them leaves more shared, and refuses
 * less.
 */
final class Granted {
  private static final Map<Kind, Refusal> REFUSALS =
      Map.of(
          Kind.IO_URING, Refusal.IO_URING,
          Kind.PERF_EVENT, Refusal.PERF_EVENT,
          Kind.USERFAULTFD, Refusal.USERFAULTFD,
          Kind.FANOTIFY, Refusal.FANOTIFY,
          Kind.SHARED_WRITABLE, Refusal.SHARED_MAPPING,
          Kind.FLIGHT_RECORDER, Refusal.FLIGHT_RECORDER);

  private final ForkOptions options;
  private final IntPredicate kept;

  /**
   * Options.
   *
   * @param kept whether they leave a descriptor shared
   */
  Granted(ForkOptions options, IntPredicate kept) {
    this.options = options;
    this.kept = kept;
  }

  /** The same thing, and what a fork with the options would do with it. */
  Finding apply(Finding finding) {
    if (isKept(finding)) {
      return shared(finding, "The options of the fork keep it.");
    }
    return isAllowed(finding) ? shared(finding, "The options of the fork allow it.") : finding;
  }

  private boolean isKept(Finding finding) {
    return finding.subject() instanceof Subject.Descriptor descriptor
        && finding.kind() != Kind.RECORD_LOCK // that is the process's, not the descriptor's
        && finding.treatment() != Treatment.SHARED
        && kept.test(descriptor.fd());
  }

  private boolean isAllowed(Finding finding) {
    if (finding.treatment() != Treatment.REFUSED) {
      return false;
    }
    @Nullable Refusal refusal = REFUSALS.get(finding.kind());
    boolean byPath =
        finding.kind() == Kind.SHARED_WRITABLE
            && options.allowedMappings().filter(path -> path.test(finding.target())).isPresent();
    return byPath || (refusal != null && options.allows(refusal));
  }

  private static Finding shared(Finding finding, String why) {
    return new Finding(finding.subject(), finding.kind(), finding.target(), Treatment.SHARED, why);
  }
}
