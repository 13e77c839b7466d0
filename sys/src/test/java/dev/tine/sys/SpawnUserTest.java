package dev.tine.sys;

import static dev.tine.sys.Spawned.call;
import static dev.tine.sys.Spawned.fail;
import static dev.tine.sys.Spawned.run;
import static dev.tine.sys.Spawned.shell;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.security.auth.module.UnixSystem;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What only root may do, and what others hear. */
final class SpawnUserTest {
  private static final long UID = new UnixSystem().getUid();

  @Test
  void shouldBeAnotherUser() throws Throwable {
    assumeTrue(UID == 0);

    Spawned id = run(shell("id -u; id -g; id -G").uid(12345).gid(23456).groups(34567, 45678));

    assertThat(id.output()).isEqualTo("12345\n23456\n23456 34567 45678\n");
    // A change of user makes the memory undumpable, and the child had that of this process.
    assertThat(dumpable()).isOne();
  }

  @Test
  void shouldStayDumpableWhenSeveralBecomeAnotherUserAtOnce() throws Throwable {
    assumeTrue(UID == 0);
    try (var threads = Executors.newFixedThreadPool(4)) {
      List<Future<Pidfd.Exit>> ends = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        ends.add(threads.submit(() -> endOf(call("/bin/true").uid(12345).start())));
      }
      for (Future<Pidfd.Exit> end : ends) {
        assertThat(end.get()).isEqualTo(new Pidfd.Exit(false, false, 0));
      }
    }

    assertThat(dumpable()).isOne();
  }

  @Test
  void shouldKeepTheDeathSignalOfAnotherUser() throws Exception {
    assumeTrue(UID == 0);
    FileCall.Pipe pipe = FileCall.pipe();
    var outcome = new AtomicReference<SpawnOutcome>();
    SpawnCall cat =
        call("/bin/cat")
            .place(pipe.readFd(), 0)
            .place(pipe.writeFd(), 1)
            .uid(12345)
            .deathSignal(15);

    Thread spawner = new Thread(() -> outcome.set(cat.start()));
    spawner.start();
    spawner.join();

    int pidfd = ((SpawnOutcome.Started) outcome.get()).pidfd();
    assertThat(Spawned.waitFor(pidfd)).isEqualTo(new Pidfd.Exit(true, false, 15));
    FileCall.close(pidfd);
    FileCall.close(pipe.readFd());
    FileCall.close(pipe.writeFd());
  }

  @Test
  void shouldBeRefusedAnotherUserWithoutThePrivilege() {
    assumeFalse(UID == 0);

    assertThat(fail(call("/bin/true").uid(0)))
        .isEqualTo(new SpawnOutcome.Failed(SpawnPhase.USER, Errno.EPERM, -1, ""));
  }

  @Test
  void shouldBeginInAControlGroup() throws Exception {
    assumeTrue(UID == 0);
    Path group = hierarchy().map(root -> root.resolve("tine-test-" + Pidfd.self())).orElse(null);
    assumeTrue(group != null, "no writable cgroup v2 here");
    Files.createDirectory(group);
    try {
      byte[] procs = Spawned.bytes(group.resolve("cgroup.procs").toString());

      assertThat(run(shell("cat /proc/self/cgroup").cgroup(procs)).output())
          .contains("0::")
          .contains("/tine-test-" + Pidfd.self() + "\n");
    } finally {
      Files.delete(group);
    }
  }

  private static Pidfd.Exit endOf(SpawnOutcome outcome) throws Exception {
    int pidfd = ((SpawnOutcome.Started) outcome).pidfd();
    try {
      return Spawned.waitFor(pidfd);
    } finally {
      FileCall.close(pidfd);
    }
  }

  /** {@code prctl(PR_GET_DUMPABLE)}. */
  private static int dumpable() throws Throwable {
    Linker linker = Linker.nativeLinker();
    return (int)
        linker
            .downcallHandle(
                linker.defaultLookup().findOrThrow("prctl"),
                FunctionDescriptor.of(JAVA_INT, JAVA_INT),
                Linker.Option.firstVariadicArg(1))
            .invokeExact(3);
  }

  private static Optional<Path> hierarchy() throws Exception {
    try (var mounts = Files.lines(Path.of("/proc/self/mounts"))) {
      return mounts
          .map(line -> line.split(" ", -1))
          .filter(mount -> mount[2].equals("cgroup2"))
          .map(mount -> Path.of(mount[1]))
          .filter(Files::isWritable)
          .findFirst();
    }
  }
}
