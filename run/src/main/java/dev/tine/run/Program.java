package dev.tine.run;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import dev.tine.sys.Environ;
import dev.tine.sys.Errno;
import dev.tine.sys.FileCall;
import dev.tine.sys.Message;
import dev.tine.sys.OrderCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SocketAddressBytes;
import dev.tine.sys.SpawnCall;
import dev.tine.sys.SpawnOutcome;
import dev.tine.sys.SpawnPhase;
import dev.tine.sys.SystemCallException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

  private static final byte[] PRELOAD = "LD_PRELOAD".getBytes(StandardCharsets.US_ASCII);

  /** For what ps is to show, which may be longer than the command. */
  private static final int TITLE_ROOM = 100;

  private static final int LINK_FD = 3;
  private static final int CONTROL_FD = 4;

  /** The kernel is to choose a worker first, then a mold, and last the monitor. */
  private static final int OOM_SCORE = 100;

  private final Loop loop;
  private final Listeners listeners;
  private final Events events;
  private final Child child;
  private final int linkFd;
  private final ControlLink control;
  private final Console.Source out;
  private final Console.Source err;
  private final List<OrderCall.Passed> outputs;
  private final OrderCall.Passed controlPlace;
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

  private Program(
      Loop loop,
      Listeners listeners,
      Events events,
      RuntimeDirectory directory,
      Started started,
      Ends ends) {
    this.loop = loop;
    this.listeners = listeners;
    this.events = events;
    this.directory = directory;
    this.linkFd = ends.link().monitorFd();
    this.control = new ControlLink(loop, ends.control().monitorFd());
    this.out = ends.out().source();
    this.err = ends.err().source();
    this.outputs = started.outputs();
    this.controlPlace = started.control();
    this.child = Child.adopt(loop, started.pid(), started.pidfd(), this::onExit);
    loop.watch(linkFd, this::onLink);
  }

  /** The descriptors of a program, both sides. */
  private record Ends(
      OrderCall.Pair link, OrderCall.Pair control, Console.Opened out, Console.Opened err) {
    void closeProgramSide() {
      Pidfd.close(link.moldFd());
      Pidfd.close(control.moldFd());
      Pidfd.close(out.writeFd());
      Pidfd.close(err.writeFd());
    }
  }

  private record Started(
      int pid, int pidfd, List<OrderCall.Passed> outputs, OrderCall.Passed control) {}

  /**
   * Starts the program.
   *
   * @throws RunFailedException if it cannot be
   */
  static Program start(
      Loop loop,
      Listeners listeners,
      Console console,
      RuntimeDirectory directory,
      List<String> command,
      Events events) {
    Path library = directory.library();
    Ends ends = open(console, command.getFirst());
    int nothing = FileCall.open(bytes("/dev/null"), FileCall.O_RDONLY, 0);
    try {
      List<byte[]> arguments = command.stream().map(Program::bytes).toList();
      SpawnOutcome outcome =
          new SpawnCall(arguments.getFirst(), arguments)
              .environment(environment(library, directory.guestJar()))
              .place(nothing, 0)
              .place(ends.out.writeFd(), 1)
              .place(ends.err.writeFd(), 2)
              .place(ends.link.moldFd(), LINK_FD)
              .place(ends.control.moldFd(), CONTROL_FD)
              .group(0)
              .oomScore(OOM_SCORE)
              .deathSignal(Signal.KILL.number())
              .start();
      if (outcome instanceof SpawnOutcome.Failed failed) {
        Pidfd.close(ends.link.monitorFd());
        Pidfd.close(ends.control.monitorFd());
        throw new RunFailedException(reasonOf(command.getFirst(), failed));
      }
      var process = (SpawnOutcome.Started) outcome;
      var outputs = List.of(Inodes.of(-1, ends.out.writeFd()), Inodes.of(-1, ends.err.writeFd()));
      var control = Inodes.of(-1, ends.control.moldFd());
      var known = new Started(process.pid(), process.pidfd(), outputs, control);
      return new Program(loop, listeners, events, directory, known, ends);
    } finally {
      Pidfd.close(nothing);
      ends.closeProgramSide();
    }
  }

  private static Ends open(Console console, String command) {
    try (var opening = new Opening()) {
      var ends =
          new Ends(
              opening.pair(),
              opening.pair(),
              opening.source(console, "boot | ", false),
              opening.source(console, "boot | ", true));
      opening.keep();
      return ends;
    } catch (SystemCallException e) {
      throw new RunFailedException("cannot start %s: %s".formatted(command, e.getMessage()));
    }
  }

  private static String reasonOf(String command, SpawnOutcome.Failed failed) {
    if (failed.phase() == SpawnPhase.EXEC
        && failed.errno() == Errno.ENOENT
        && !command.contains("/")) {
      return "cannot start %s: there is no such command in PATH".formatted(command);
    }
    return "cannot start %s: %s: %s"
        .formatted(
            command, failed.phase().name().toLowerCase(Locale.ROOT), Errno.text(failed.errno()));
  }

  /** This process's, with the library preloaded before what is preloaded already. */
  private static List<byte[]> environment(Path library, Path guestJar) {
    List<byte[]> entries = new ArrayList<>(Environ.entries());
    String before =
        Environ.value(entries, PRELOAD)
            .map(value -> ":" + new String(value, StandardCharsets.UTF_8))
            .orElse("");
    entries.removeIf(entry -> Environ.isNamed(entry, PRELOAD) || isMonitorsOwn(entry));
    entries.addFirst(bytes("TINE_TITLE=" + "-".repeat(TITLE_ROOM))); // first: see title.c
    entries.add(bytes("LD_PRELOAD=" + library + before));
    entries.add(
        bytes("TINE_RUN=%d,%d,%d,%s".formatted(LINK_FD, CONTROL_FD, Pidfd.self(), guestJar)));
    return entries;
  }

  private static boolean isMonitorsOwn(byte[] entry) {
    return ServiceEnvironment.isOwn(new String(entry, StandardCharsets.ISO_8859_1));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void onLink() {
    Message message;
    int descriptor;
    try {
      Message.Received received = Message.receive(linkFd);
      message = received.message();
      descriptor = received.descriptor();
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EPROTO) {
        loop.unwatch(linkFd); // it has ended, or given up its end: its exit tells
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
      message.send(linkFd, -1);
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
        () -> events.unfit("it does not take orders: it has closed descriptor " + CONTROL_FD));
  }

  private void onExit(ExitStatus status) {
    loop.unwatch(linkFd);
    Pidfd.close(linkFd);
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
    return outputs;
  }

  /** Its end of the control socket, as its mold will know it. */
  OrderCall.Passed control() {
    return controlPlace;
  }

  /** The last lines it has written. */
  List<String> tail() {
    List<String> all = new ArrayList<>(out.tail());
    all.addAll(err.tail());
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
