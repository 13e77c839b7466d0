package dev.tine.process;

import java.util.List;

/**
 * A signal of Linux.
 *
 * @param number 1 to 64
 */
public record Signal(int number) {
  public static final Signal HUP = new Signal(1);
  public static final Signal INT = new Signal(2);
  public static final Signal QUIT = new Signal(3);
  public static final Signal ABRT = new Signal(6);
  public static final Signal KILL = new Signal(9);
  public static final Signal USR1 = new Signal(10);
  public static final Signal SEGV = new Signal(11);
  public static final Signal USR2 = new Signal(12);
  public static final Signal PIPE = new Signal(13);
  public static final Signal ALRM = new Signal(14);
  public static final Signal TERM = new Signal(15);
  public static final Signal CHLD = new Signal(17);
  public static final Signal CONT = new Signal(18);
  public static final Signal STOP = new Signal(19);
  public static final Signal TSTP = new Signal(20);
  public static final Signal WINCH = new Signal(28);

  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  /** Refuses numbers that are no signals. */
  public Signal {
    if (number < 1 || number > 64) {
      throw new IllegalArgumentException("not a signal: " + number + " (1 to 64)");
    }
  }

  @Override
  public String toString() {
    return number <= NAMES.size() ? "SIG" + NAMES.get(number - 1) : "signal " + number;
  }
}
