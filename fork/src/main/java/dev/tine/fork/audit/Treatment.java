package dev.tine.fork.audit;

/** What a fork does with a thing of the parent's. */
public enum Treatment {
  /** Parent and child use the same one. */
  SHARED("shared"),
  /** The child opens the same file again, at the same position. */
  REOPENED("re-opened"),
  /** The child makes one of its own, in the same state. */
  REBUILT("made anew"),
  /** The child gets a new one with nothing in it. */
  EMPTIED("emptied"),
  /** The child gets a dead one in its place: to use it fails at once, to close it says nothing. */
  DETACHED("detached"),
  /** The child begins anew, with values that no other process has. */
  RENEWED("renewed"),
  /** The child goes on with a copy of it. */
  COPIED("copied"),
  /** The child does not have it, though it may believe so. */
  LOST("lost"),
  /** There is no child: the fork is refused. */
  REFUSED("refused");

  private final String label;

  Treatment(String label) {
    this.label = label;
  }

  /** The treatment in a word or two, such as "made anew". */
  public String label() {
    return label;
  }
}
