package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import dev.tine.sys.Errno;
import dev.tine.sys.Message;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SocketAddressBytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A process that serves.
 *
 * <p>For the loop's thread.
 */
final class Worker implements Heartbeat.Patient {
  /** All of its threads are parked for it, which takes milliseconds. */
  private static final Duration EXCHANGE_LIMIT = Duration.ofSeconds(6);

  private static final Duration FREEZE_LIMIT = Duration.ofSeconds(60);

  private final int id;
  private final Generation from;
  private final Child child;
  private final ControlLink control;
  private final Files files;
  private Consumer<ExitStatus> onExit = status -> {};
  private Runnable onDying = () -> {};
  private Optional<Integer> herald = Optional.empty();
  private boolean isStopping;
  private long requests;

  /**
   * Its output, and what a mold that is made of it would know.
   *
   * @param outputs the pipes of standard output and error
   * @param control the worker's end of the control socket
   */
  record Files(
      Console.Source out,
      Console.Source err,
      List<OrderCall.Passed> outputs,
      OrderCall.Passed control) {}

  /**
   * Its process, held by a pidfd.
   *
   * @param pidfd from now on the worker's
   */
  record Held(int pid, int pidfd) {}

  /**
   * @param control from now on this object's
   */
  Worker(Loop loop, int id, Generation from, Held process, ControlLink control, Files files) {
    this.id = id;
    this.from = from;
    this.control = control;
    this.files = files;
    this.child =
        Child.adopt(
            loop,
            process.pid,
            process.pidfd,
            status -> {
              closeHerald(loop);
              control.close();
              onExit.accept(status);
            });
    control.whenHerald(fd -> {
      closeHerald(loop);
      herald = Optional.of(fd);
      loop.watch(fd, () -> onHeraldEnd(loop));
    });
  }

  private void onHeraldEnd(Loop loop) {
    closeHerald(loop);
    if (isStopping) {
      return; // for a mold that is made of it, its herald ends, and it lives on
    }
    // It has no thread of ours any more. If it is on its way out that changes nothing, its status
    // included; if it has become another program by execve(2), there would be two for one id.
    child.signal(Signal.KILL);
    onDying.run();
  }

  private void closeHerald(Loop loop) {
    herald.ifPresent(fd -> {
      loop.unwatch(fd);
      Pidfd.close(fd);
    });
    herald = Optional.empty();
  }

  /**
   * Is told, on the loop, that it is dying, unless it was asked to end: milliseconds before its end
   * is told, or never.
   */
  void whenDying(Runnable listener) {
    onDying = listener;
  }

  /** Is told its end, on the loop; instead of who was before. */
  void whenEnded(Consumer<ExitStatus> listener) {
    onExit = listener;
  }

  @Override
  public int id() {
    return id;
  }

  /** What it was made from. */
  Generation from() {
    return from;
  }

  @Override
  public int generation() {
    return from.number();
  }

  int pid() {
    return child.pid();
  }

  @Override
  public Child child() {
    return child;
  }

  Files files() {
    return files;
  }

  @Override
  public ControlLink control() {
    return control;
  }

  @Override
  public void hasBegun(long count) {
    requests = count;
  }

  /** How many requests it has begun, at its last heartbeat; 0: none, or it does not count them. */
  long requests() {
    return requests;
  }

  @Override
  public boolean isStopping() {
    return isStopping;
  }

  /**
   * Puts other sockets in the places of those it listens at.
   *
   * @param done is told once why that could not be done, or nothing if it was
   */
  void exchange(List<OrderCall.Passed> sockets, Consumer<Optional<String>> done) {
    exchange(sockets, 0, done);
  }

  /** One after the other: what has gone wrong with one would with the next. */
  private void exchange(
      List<OrderCall.Passed> sockets, int index, Consumer<Optional<String>> done) {
    if (index == sockets.size()) {
      done.accept(Optional.empty());
      return;
    }
    OrderCall.Passed socket = sockets.get(index);
    control.ask(
        Message.exchange(socket.device(), socket.inode()),
        socket.descriptor(),
        EXCHANGE_LIMIT,
        answer -> {
          Optional<String> failure = reasonOf(answer);
          // ENOENT: the program has closed it itself, and does not listen there any more.
          boolean isGone = answer.map(message -> message.errno() == Errno.ENOENT).orElse(false);
          if (failure.isPresent() && !isGone) {
            done.accept(failure);
          } else {
            exchange(sockets, index + 1, done);
          }
        });
  }

  private static Optional<String> reasonOf(Optional<Message> answer) {
    if (answer.isEmpty()) {
      return Optional.of("it does not answer");
    }
    Message message = answer.get();
    if (message.errno() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        Errno.text(message.errno())
            + (message.text().isEmpty() ? "" : ", thread " + message.text()));
  }

  /**
   * Makes a mold of it, which is a copy: this process goes on, and is no use any more.
   *
   * @param moldFd the mold's end of its order socket, still the caller's
   * @param done is told once; empty: it does not answer
   */
  void freeze(String title, int moldFd, Consumer<Optional<Message>> done) {
    control.ask(
        Message.of(Message.Type.FREEZE, 0, SocketAddressBytes.EMPTY, title),
        moldFd,
        FREEZE_LIMIT,
        done);
  }

  /** It is on its way: {@link Drain}. */
  void leave() {
    isStopping = true;
  }

  /** Lets it end by itself. */
  void terminate() {
    isStopping = true;
    child.signal(Signal.TERM);
    child.signal(Signal.CONT); // one that is stopped would not hear of it
  }

  void kill() {
    isStopping = true;
    child.signal(Signal.KILL);
  }

  /** The last lines it has written. */
  List<String> tail() {
    List<String> all = new ArrayList<>(files.out().tail());
    all.addAll(files.err().tail());
    return all;
  }

  /** An event of now, about it. */
  Event event(String name) {
    return Event.ofWorker(name, id, pid(), generation());
  }

  @Override
  public String toString() {
    return "worker id=%d pid=%d gen=%d".formatted(id, pid(), generation());
  }
}
