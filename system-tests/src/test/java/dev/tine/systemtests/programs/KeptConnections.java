package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;
import static dev.tine.systemtests.programs.Program.inChild;

import dev.tine.fork.Descriptor;
import dev.tine.fork.Fork;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import dev.tine.systemtests.kit.Proc;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Which descriptors a child keeps, as its parent says. */
final class KeptConnections {
  private KeptConnections() {}

  static void kept() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open().bind(Connections.ANY_PORT);
        SocketChannel client = SocketChannel.open(server.getLocalAddress());
        SocketChannel other = SocketChannel.open(server.getLocalAddress());
        SocketChannel peer = server.accept();
        SocketChannel otherPeer = server.accept()) {
      int fd = Connections.number(client);
      int duplicate = Fd.check("dup", fd);
      var options = ForkOptions.defaults().keep(d -> d.number() == fd);
      ForkedProcess child =
          switch (JvmFork.fork(options)) {
            case Fork.Parent(ForkedProcess made) -> made;
            case Fork.Child() -> {
              try {
                Connections.write(client, "from the child");
                check(Fd.isSharedWith(Proc.parent(Proc.self()), duplicate), "its duplicate");
                check(
                    Connections.fails(() -> Connections.write(other, "x")),
                    "the child has written");
                Libc.syscall(Libc.SYS_EXIT_GROUP, 0);
              } finally {
                Libc.syscall(Libc.SYS_EXIT_GROUP, 70);
              }
              throw new AssertionError("exit_group returned");
            }
          };
      Program.expectSuccess(child);
      checkEqual(Connections.read(peer), "from the child", "read");
      check(otherPeer.isConnected(), "connected");
      Fd.close(duplicate);
    }
  }

  /** The predicate sees what there is. */
  static void kinds() throws Exception {
    int[] pair = Fd.pair("socketpair", 1, 1, 0);
    int[] fds = {Fd.epoll(), Fd.eventfd(0), pair[0], pair[1]};
    try (ServerSocketChannel server = ServerSocketChannel.open().bind(Connections.ANY_PORT);
        SocketChannel client = SocketChannel.open(server.getLocalAddress());
        SocketChannel unused = SocketChannel.open();
        SocketChannel peer = server.accept()) {
      List<Descriptor> seen = new ArrayList<>();
      var options =
          ForkOptions.defaults()
              .keep(d -> {
                seen.add(d);
                return false;
              });
      switch (JvmFork.fork(options)) {
        case Fork.Parent(ForkedProcess made) -> Program.expectSuccess(made);
        case Fork.Child() -> Libc.syscall(Libc.SYS_EXIT_GROUP, 0);
      }
      checkEqual(kind(seen, fds[0]), Descriptor.Kind.EPOLL, "kind");
      checkEqual(kind(seen, fds[1]), Descriptor.Kind.EVENTFD, "kind");
      checkEqual(kind(seen, fds[2]), Descriptor.Kind.SOCKET_PAIR, "kind");
      checkEqual(kind(seen, Connections.number(server)), Descriptor.Kind.LISTENER, "kind");
      checkEqual(kind(seen, Connections.number(client)), Descriptor.Kind.CONNECTION, "kind");
      checkEqual(kind(seen, Connections.number(peer)), Descriptor.Kind.CONNECTION, "kind");
      checkEqual(kind(seen, Connections.number(unused)), Descriptor.Kind.FRESH_SOCKET, "kind");
      checkEqual(kind(seen, 0), Descriptor.Kind.PIPE, "kind of standard input");
      Set<Descriptor.Kind> kinds = EnumSet.noneOf(Descriptor.Kind.class);
      seen.forEach(d -> kinds.add(d.kind()));
      check(kinds.contains(Descriptor.Kind.FILE), "%s", kinds);
      check(
          seen.stream().anyMatch(d -> d.target().endsWith("/lib/modules")), "targets of %s", seen);
    }
    Fd.close(fds);
  }

  private static Descriptor.Kind kind(List<Descriptor> all, int number) {
    return all.stream().filter(d -> d.number() == number).findFirst().orElseThrow().kind();
  }

  /** What the predicate throws is passed on, and nothing has happened. */
  static void badPredicate() throws Exception {
    var options =
        ForkOptions.defaults()
            .keep(_ -> {
              throw new IllegalStateException("bad");
            });
    try {
      var _ = JvmFork.fork(options);
      Program.fail("it was forked");
    } catch (IllegalStateException e) {
      checkEqual(String.valueOf(e.getMessage()), "bad", "message");
    }
    inChild(() -> SelfCheck.run(false));
  }
}
