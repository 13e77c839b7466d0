package dev.tine.run;

import dev.tine.sys.Errno;
import dev.tine.sys.Message;
import java.util.Optional;

/** What became of a process that was told to make a mold of itself. */
final class Freezing {
  private Freezing() {}

  /**
   * Why there is no mold, or nothing: its pid is the number of the answer then. One that could not
   * become whole is seen to.
   *
   * @param answer empty: there is none
   */
  static Optional<String> failure(Loop loop, Optional<Message> answer) {
    if (answer.isEmpty()) {
      return Optional.of("it does not answer");
    }
    Message said = answer.get();
    if (said.errno() == 0 && said.number() > 0) {
      return Optional.empty();
    }
    if (said.number() > 0) {
      Child.leave(loop, said.number());
    }
    return Optional.of(reasonOf(said));
  }

  /** Why it was refused. */
  static String reasonOf(Message answer) {
    return answer.text().isEmpty()
        ? "%s: %s".formatted(answer.stage(), Errno.text(answer.errno()))
        : answer.text();
  }
}
