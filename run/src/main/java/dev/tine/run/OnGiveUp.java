package dev.tine.run;

/** What is done when a worker is not to be restarted any more. */
public enum OnGiveUp {
  /** Its place stays empty, and counts as missing. */
  STOP_ID,

  /** Its place stays empty, and there is to be one worker less. */
  DEGRADE,

  /** All workers are stopped, and the command fails. */
  STOP_ALL
}
