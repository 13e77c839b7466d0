package dev.tine.run;

import java.util.Locale;

/** Why a worker serves nobody though it lives. */
enum StuckKind {
  /** A signal has stopped it. */
  STOPPED("it is stopped by a signal, as SIGSTOP does"),

  /** Threads wait for each other's locks, and will for ever. */
  DEADLOCKED("threads wait for each other"),

  /** The collector runs, and nothing else. */
  GC_SPIRAL("it does nothing but collect garbage: its heap is too small, or something leaks"),

  /** One thread computes all the time. */
  BUSY_LOOP("one thread computes all the time"),

  /** Something takes longer than the program itself has said it may. */
  OVERDUE("a request takes longer than its deadline allows"),

  /** It runs no Java code, and nobody knows why. */
  SILENT("it runs no Java code");

  /** Of an interval of time, to speak of a thread that does nothing else. */
  private static final double MOST = 0.9;

  /** Enough for the one thing that goes on where nothing else does. */
  private static final double MUCH = 0.5;

  private static final double LEAST = 0.05;

  private final String meaning;

  StuckKind(String meaning) {
    this.meaning = meaning;
  }

  /** For a person. */
  String meaning() {
    return meaning;
  }

  /** As events have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * What is known of a worker that does not answer.
   *
   * @param state of the process, as ps shows it
   * @param isOutOfMemory its last answer was that it cannot allocate
   * @param shares of processors that its threads have used while it was silent
   */
  record Symptoms(char state, boolean isOutOfMemory, ProcessSample.Shares shares) {}

  /** Of a worker that does not answer. */
  static StuckKind of(Symptoms symptoms) {
    if (symptoms.state == 'T') {
      return STOPPED;
    }
    if (symptoms.isOutOfMemory || isCollecting(symptoms.shares)) {
      return GC_SPIRAL;
    }
    return symptoms.shares.busiest().filter(thread -> thread.share() >= MUCH).isPresent()
        ? BUSY_LOOP
        : SILENT;
  }

  /** Whether most of what a process does is to collect, on a machine that may let it do little. */
  static boolean isCollecting(ProcessSample.Shares shares) {
    return shares.collector() >= LEAST && shares.collector() >= MUCH * shares.all();
  }

  /** Whether one thread does nothing but compute. */
  static boolean isBusy(ProcessSample.Shares shares) {
    return shares.busiest().filter(thread -> thread.share() >= MOST).isPresent();
  }

  /** Whether a collector that has worked for a part of some time does nothing else. */
  static boolean isSpiral(double part) {
    return part >= MOST;
  }
}
