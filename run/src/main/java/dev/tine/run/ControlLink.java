package dev.tine.run;

import dev.tine.sys.Errno;
import dev.tine.sys.Message;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The monitor's end of a control socket: questions to the control thread of a process, which
 * answers them in order.
 *
 * <p>For the loop's thread.
 */
final class ControlLink {
  private final Loop loop;
  private final int fd;
  private final Queue<Question> open = new ArrayDeque<>();
  private boolean isClosed;
  private IntConsumer onHerald = Pidfd::close;

  /** A question that was sent. Its answer is taken off the queue also when nobody waits for it. */
  private static final class Question {
    private Optional<Consumer<Optional<Message>>> answer;
    private Optional<Loop.Timer> limit = Optional.empty();

    private Question(Consumer<Optional<Message>> answer) {
      this.answer = Optional.of(answer);
    }

    private void answer(Optional<Message> message) {
      limit.ifPresent(Loop.Timer::cancel);
      Optional<Consumer<Optional<Message>>> once = answer;
      answer = Optional.empty();
      once.ifPresent(consumer -> consumer.accept(message));
    }
  }

  /**
   * @param fd from now on this object's
   */
  ControlLink(Loop loop, int fd) {
    this.loop = loop;
    this.fd = fd;
    loop.watch(fd, this::onAnswer);
  }

  /**
   * Asks, and waits for as long as it takes.
   *
   * @param answer is told once: empty if the process has ended
   */
  void ask(Message message, Consumer<Optional<Message>> answer) {
    ask(message, -1, answer);
  }

  /**
   * The same with a descriptor.
   *
   * @param descriptor sent along, and still the caller's; -1: none
   */
  void ask(Message message, int descriptor, Consumer<Optional<Message>> answer) {
    var _ = send(message, descriptor, new Question(answer));
  }

  /**
   * Asks.
   *
   * @param descriptor sent along, and still the caller's; -1: none
   * @param answer is told once: empty if there is none within the limit, or the process has ended
   */
  void ask(Message message, int descriptor, Duration limit, Consumer<Optional<Message>> answer) {
    var question = new Question(answer);
    if (send(message, descriptor, question)) {
      question.limit = Optional.of(loop.after(limit, () -> question.answer(Optional.empty())));
    }
  }

  private boolean send(Message message, int descriptor, Question question) {
    try {
      if (!isClosed) {
        message.send(fd, descriptor);
        open.add(question);
        return true;
      }
    } catch (SystemCallException e) {
      // it has ended, and that is told elsewhere
    }
    question.answer(Optional.empty());
    return false;
  }

  /**
   * Is told of the process's herald, of which it tells unasked.
   *
   * @param listener is given a descriptor that is readable when the process begins to die, and has
   *     to close it
   */
  void whenHerald(IntConsumer listener) {
    onHerald = listener;
  }

  private void onAnswer() {
    Message.Received received;
    try {
      received = Message.receive(fd);
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EPROTO) {
        loop.unwatch(fd); // it has ended; close() answers what waits
      }
      return;
    }
    if (received.message().type() == Message.Type.HERALD) {
      if (received.descriptor() >= 0) {
        onHerald.accept(received.descriptor());
      }
      return; // it answers nothing
    }
    if (received.descriptor() >= 0) {
      Pidfd.close(received.descriptor()); // nobody asked for it
    }
    Question question = open.poll();
    if (question != null) {
      question.answer(Optional.of(received.message()));
    }
  }

  /** The process has ended: all that is open is answered. */
  void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    loop.unwatch(fd);
    Pidfd.close(fd);
    for (Question question = open.poll(); question != null; question = open.poll()) {
      question.answer(Optional.empty());
    }
  }
}
