package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import dev.tine.sys.Errno;
import dev.tine.sys.Message;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SocketAddressBytes;
import dev.tine.sys.SystemCallException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The program while it boots: a child of the monitor, with the library preloaded, until it is
 * frozen.
 *
 * <p>All methods are for the loop's thread, and events come on it.
 */
final class Program {
  /** From the end of a process's sockets to that of the process. */
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(2);

  private final Loop loop;
  private final Listeners listeners;
  private final Events events;
  private final Child child;
  private final Launch.Launched launched;
  private final ControlLink control;
  private final RuntimeDirectory directory;
  private final Map<Inode, Listeners.Borrowed> borrowed = new LinkedHashMap<>();
  private boolean isJvm;
  private int strangerPid;

  /** What happens to a program, told on the loop. */
  interface Events {
    /** It listens at one more address. */
    void listens(Listeners.Borrowed where);

    /** It is nothing that can be run. */
    void unfit(String reason);

    /** A {@link #prepare} was answered. */
    void prepared(Message answer);

    /** A freeze was answered. */
    void frozen(Message answer);

    void ended(ExitStatus status);
  }

  private record Inode(long device, long inode) {}

  /**
   * Takes over a program that was started.
   *
   * @param launched its descriptors are from now on this object's
   */
  Program(
      Loop loop,
      Listeners listeners,
      Events events,
      RuntimeDirectory directory,
      Launch.Launched launched) {
    this.loop = loop;
    this.listeners = listeners;
    this.events = events;
    this.directory = directory;
    this.launched = launched;
    this.control = new ControlLink(loop, launched.controlFd());
    this.child = Child.adopt(loop, launched.pid(), launched.pidfd(), this::onExit);
    loop.watch(launched.linkFd(), this::onLink);
  }

  private void onLink() {
    Message message;
    int descriptor;
    try {
      Message.Received received = Message.receive(launched.linkFd());
      message = received.message();
      descriptor = received.descriptor();
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EPROTO) {
        loop.unwatch(launched.linkFd()); // it has ended, or given up its end: its exit tells
      }
      return;
    }
    if (message.type() == Message.Type.LISTEN) {
      onListen(message, descriptor);
      return;
    }
    if (descriptor >= 0) {
      Pidfd.close(descriptor); // nobody asked for it
    }
    switch (message.type()) {
      case HELLO -> onHello(message);
      case BIND -> onBind(message);
      default -> {
        // not a message of a program's
      }
    }
  }

  private void onHello(Message hello) {
    if (hello.number() != child.pid()) {
      strangerPid = hello.number(); // it may be a "java -version" of a script
    } else if ((hello.flags() & Message.HELLO_HOTSPOT) == 0) {
      events.unfit(
          "its JVM is not HotSpot, and cannot be forked; use a build of OpenJDK (Temurin, Corretto,"
              + " Zulu, ...) 11 or newer");
    } else {
      isJvm = true;
    }
  }

  private void onBind(Message bind) {
    if (bind.number() != child.pid()) {
      answer(Message.of(Message.Type.RESULT, Errno.ECHILD, SocketAddressBytes.EMPTY, ""));
      events.unfit(wrapped(bind.number()));
      return;
    }
    SocketAddressBytes address = bind.address();
    if (!listeners.isWanted(address)) {
      answer(Message.own());
      return;
    }
    if (isTaken(bind)) {
      answer(Message.of(Message.Type.RESULT, Errno.EADDRINUSE, SocketAddressBytes.EMPTY, ""));
      return;
    }
    try {
      listeners.open(address, bind.flags());
    } catch (SystemCallException e) {
      answer(Listeners.refusal(e));
      return;
    }
    borrowed.put(
        new Inode(bind.device(), bind.inode()),
        new Listeners.Borrowed(
            address, bind.flags(), bind.device(), bind.inode(), SocketAddressBytes.EMPTY));
    SocketAddressBytes given =
        address.path().isPresent()
            ? SocketAddressBytes.ofPath(directory.nextSocket().toString())
            : SocketAddressBytes.EMPTY;
    answer(Message.of(Message.Type.RESULT, 0, given, ""));
  }

  /**
   * Whether the program has the address already, as the kernel would find if it were asked: two
   * sockets may have it if both say so.
   */
  private boolean isTaken(Message bind) {
    var open = Inodes.socketsOf(child.pid());
    return borrowed.values().stream()
        .filter(other -> other.asked().equals(bind.address()) && open.contains(other.inode()))
        .anyMatch(other -> (other.flags() & bind.flags() & Message.BIND_REUSE_PORT) == 0);
  }

  private void onListen(Message listen, int descriptor) {
    var key = new Inode(listen.device(), listen.inode());
    Listeners.Borrowed known = borrowed.get(key);
    if (known == null) {
      if (descriptor >= 0) {
        Pidfd.close(descriptor);
      }
      return;
    }
    listeners.prepare(known.asked(), descriptor, listen.number());
    var now =
        new Listeners.Borrowed(
            known.asked(), known.flags(), known.device(), known.inode(), listen.address());
    borrowed.put(key, now);
    events.listens(now);
  }

  private void answer(Message message) {
    try {
      message.send(launched.linkFd(), -1);
    } catch (SystemCallException e) {
      // It has ended meanwhile: its exit tells.
    }
  }

  /** Why a JVM that was not started by the monitor itself is no use. */
  static String wrapped(int pid) {
    return "the JVM (pid "
        + pid
        + ") is a child of the command, and only the command itself can be forked: in a wrapper"
        + " script, start the JVM with 'exec java ...'";
  }

  /** Makes it ready to be frozen, before much of it is compiled; answered by an event. */
  void prepare() {
    control.ask(
        Message.of(Message.Type.PREPARE, 0, SocketAddressBytes.EMPTY, ""),
        answer -> answer.ifPresentOrElse(events::prepared, this::onDeaf));
  }

  /** Freezes it; answered by an event. */
  void freeze(String title, int moldFd) {
    control.ask(
        Message.of(Message.Type.FREEZE, 0, SocketAddressBytes.EMPTY, title),
        moldFd,
        answer -> answer.ifPresentOrElse(events::frozen, this::onDeaf));
  }

  /** It has ended, as a rule, and its exit tells more. One that lives has closed the socket. */
  private void onDeaf() {
    loop.after(
        EXIT_LIMIT,
        () ->
            events.unfit("it does not take orders: it has closed descriptor " + Launch.CONTROL_FD));
  }

  private void onExit(ExitStatus status) {
    loop.unwatch(launched.linkFd());
    Pidfd.close(launched.linkFd());
    control.close();
    events.ended(status);
  }

  int pid() {
    return child.pid();
  }

  Instant since() {
    return child.since();
  }

  /** Whether it has shown itself as a JVM that can be forked. */
  boolean isJvm() {
    return isJvm;
  }

  /** A JVM that is a child of it, if there was one. */
  Optional<Integer> stranger() {
    return strangerPid == 0 ? Optional.empty() : Optional.of(strangerPid);
  }

  /** What it listens on now, by what it has open. */
  List<Listeners.Borrowed> listening() {
    var open = Inodes.socketsOf(child.pid());
    return borrowed.values().stream()
        .filter(one -> one.listens() && open.contains(one.inode()))
        .toList();
  }

  /** Its standard output and error, as its mold will know them. */
  List<OrderCall.Passed> outputs() {
    return launched.outputs();
  }

  /** Its end of the control socket, as its mold will know it. */
  OrderCall.Passed control() {
    return launched.controlPlace();
  }

  /** The last lines it has written. */
  List<String> tail() {
    List<String> all = new ArrayList<>(launched.out().tail());
    all.addAll(launched.err().tail());
    return all;
  }

  /** Ends it and what it has started, but for its mold. */
  void kill() {
    child.signal(Signal.KILL);
  }

  /** Ends it and all of its process group: it has no mold. */
  void killAll() {
    child.signalGroup(Signal.KILL);
  }
}
