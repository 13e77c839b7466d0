package dev.tine.testkit;

/** Code under test, which tells of values that must not occur twice. */
@FunctionalInterface
public interface RecordingCode {

  /** Runs it: once before the fork, and then in each process. */
  void run(Records records) throws Exception;
}
