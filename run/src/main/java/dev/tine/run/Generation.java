package dev.tine.run;

import dev.tine.sys.OrderCall;
import java.util.List;

/**
 * All that came of one boot, or of one worker that was made a mold: the mold, and what its workers
 * have instead of its files.
 *
 * @param command of the program
 * @param outputs standard output and error, as the mold knows them
 * @param control its control socket, likewise
 */
record Generation(
    int number,
    List<String> command,
    Mold mold,
    List<Listeners.Borrowed> listening,
    List<OrderCall.Passed> outputs,
    OrderCall.Passed control) {

  Generation {
    command = List.copyOf(command);
  }

  /** Whether it can make workers. */
  boolean isAlive() {
    return mold.isAlive();
  }

  @Override
  public String toString() {
    return "gen=" + number;
  }
}
