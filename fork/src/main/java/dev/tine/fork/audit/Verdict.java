package dev.tine.fork.audit;

/** Whether a fork would come off. */
public enum Verdict {
  /** Nothing stands against it. */
  FORKABLE,
  /** It would be refused. */
  REFUSED
}
