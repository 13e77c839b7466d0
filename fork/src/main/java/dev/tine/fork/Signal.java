package dev.tine.fork;

import java.util.Map;

/**
 * A signal of Linux.
 *
 * @param number 1 to 64
 */
public record Signal(int number) {
  public static final Signal HUP = new Signal(1);
  public static final Signal INT = new Signal(2);
  public static final Signal QUIT = new Signal(3);
  public static final Signal ILL = new Signal(4);
  public static final Signal TRAP = new Signal(5);
  public static final Signal ABRT = new Signal(6);
  public static final Signal BUS = new Signal(7);
  public static final Signal FPE = new Signal(8);
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

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "HUP"),
          Map.entry(2, "INT"),
          Map.entry(3, "QUIT"),
          Map.entry(4, "ILL"),
          Map.entry(5, "TRAP"),
          Map.entry(6, "ABRT"),
          Map.entry(7, "BUS"),
          Map.entry(8, "FPE"),
          Map.entry(9, "KILL"),
          Map.entry(10, "USR1"),
          Map.entry(11, "SEGV"),
          Map.entry(12, "USR2"),
          Map.entry(13, "PIPE"),
          Map.entry(14, "ALRM"),
          Map.entry(15, "TERM"),
          Map.entry(16, "STKFLT"),
          Map.entry(17, "CHLD"),
          Map.entry(18, "CONT"),
          Map.entry(19, "STOP"),
          Map.entry(20, "TSTP"),
          Map.entry(21, "TTIN"),
          Map.entry(22, "TTOU"),
          Map.entry(23, "URG"),
          Map.entry(24, "XCPU"),
          Map.entry(25, "XFSZ"),
          Map.entry(26, "VTALRM"),
          Map.entry(27, "PROF"),
          Map.entry(28, "WINCH"),
          Map.entry(29, "IO"),
          Map.entry(30, "PWR"),
          Map.entry(31, "SYS"));

  /** Refuses numbers that are no signals. */
  public Signal {
    if (number < 1 || number > 64) {
      throw new IllegalArgumentException("not a signal: " + number + " (1 to 64)");
    }
  }

  /** The name without prefix, such as "TERM"; of a real-time signal "34" to "64". */
  public String name() {
    return NAMES.getOrDefault(number, Integer.toString(number));
  }

  @Override
  public String toString() {
    return NAMES.containsKey(number) ? "SIG" + name() : "signal " + number;
  }
}
