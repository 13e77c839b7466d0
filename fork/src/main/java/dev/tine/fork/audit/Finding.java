package dev.tine.fork.audit;

/**
 * One thing of a process, and what a fork would do with it.
 *
 * @param subject where it is
 * @param kind what it is
 * @param target what it leads to, as the kernel names it; "" if there is no more to say
 * @param treatment what a fork does with it
 * @param why the reason, one sentence
 */
public record Finding(Subject subject, Kind kind, String target, Treatment treatment, String why) {
  @Override
  public String toString() {
    return subject
        + ", "
        + kind.label()
        + (target.isEmpty() ? "" : " " + target)
        + ": "
        + treatment.label()
        + ". "
        + why;
  }
}
