package dev.tine.cli;

import java.io.PrintWriter;

/**
 * A terminal's second screen: what is shown is redrawn in place, and when it is closed, also by
 * Ctrl-C, the first one is as it was.
 */
final class Screen implements AutoCloseable {
  private static final String ENTER = "\033[?1049h\033[?25l\033[?7l";
  private static final String LEAVE = "\033[?7h\033[?25h\033[?1049l";

  private final PrintWriter out;

  /** SIGINT and SIGTERM end this process through its hooks. */
  private final Thread hook = new Thread(this::leave, "tine-screen");

  private boolean isOpen;

  private Screen(PrintWriter out) {
    this.out = out;
  }

  static Screen open(PrintWriter out) {
    var screen = new Screen(out);
    Runtime.getRuntime().addShutdownHook(screen.hook);
    screen.enter();
    return screen;
  }

  private synchronized void enter() {
    isOpen = true;
    print(ENTER);
  }

  /** Shows lines, from the top. Only what differs changes for the eye: nothing is blanked first. */
  synchronized void show(String text) {
    if (isOpen) {
      print("\033[H" + text.replace("\n", "\033[K\n") + "\033[K\033[J");
    }
  }

  private synchronized void leave() {
    if (isOpen) {
      isOpen = false;
      print(LEAVE);
    }
  }

  private void print(String text) {
    out.print(text);
    out.flush();
  }

  @Override
  public void close() {
    leave();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // it is what has closed this
    }
  }
}
