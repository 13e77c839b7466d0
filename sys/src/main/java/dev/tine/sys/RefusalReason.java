package dev.tine.sys;

import java.util.Set;

/** Why a fork was refused, {@code enum tine_refusal_reason} in the same order. */
public enum RefusalReason {
  NONE,
  IO_URING,
  PERF_EVENT,
  USERFAULTFD,
  FANOTIFY,
  SHARED_MAPPING;

  private static final RefusalReason[] VALUES = values();

  static RefusalReason of(int number) {
    return number >= 0 && number < VALUES.length ? VALUES[number] : NONE;
  }

  /** A set as the C library takes it: 1 &lt;&lt; number for each. */
  static int bits(Set<RefusalReason> reasons) {
    int bits = 0;
    for (int number = 0; number < VALUES.length; number++) {
      bits |= reasons.contains(VALUES[number]) ? 1 << number : 0;
    }
    return bits;
  }
}
