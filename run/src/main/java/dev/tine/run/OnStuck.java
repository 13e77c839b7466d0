package dev.tine.run;

/** What is done about a worker that runs Java code, and yet serves nobody. */
public enum OnStuck {
  /** It is reported, once. */
  REPORT,

  /** It is reported and replaced. */
  REPLACE
}
