package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.await;
import static dev.tine.systemtests.programs.Program.check;
import static dev.tine.systemtests.programs.Program.checkEqual;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkException.Stage;
import dev.tine.fork.JvmFork;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/** Has a thread that cannot be parked as long as another one is: see held.c. */
@SuppressWarnings("restricted") // the library is the test's own
public final class Held {
  private static final int ETIMEDOUT = 110;
  private static final int NEVER = Integer.MAX_VALUE;

  /** Rounds of parking that must fail before the thread is let go. */
  private static final int ROUNDS = 2;

  private static final SymbolLookup LIBRARY =
      SymbolLookup.libraryLookup(
          Path.of(Objects.requireNonNull(System.getProperty("held.library"))), Arena.global());
  private static final MethodHandle BEGIN = function("held_begin", 2);
  private static final MethodHandle INTERRUPTIONS = function("held_interruptions", 0);
  private static final MethodHandle END = function("held_end", 0);

  private Held() {}

  static void main() throws IOException {
    SelfCheck.prepare();
    Program.serve(
        Map.of(
            "blocks signals for a while", () -> forks(false),
            "is in vfork for a while", () -> forks(true),
            "blocks signals", () -> isRefused(false, "blocks signal"),
            "is in vfork", () -> isRefused(true, "is in uninterruptible sleep")));
  }

  private static void forks(boolean byVfork) throws Exception {
    begin(byVfork, ROUNDS);
    Program.inChild(() -> {
      checkEqual(call(END), 0, "end of the threads in the child");
      SelfCheck.run(false);
    });
    check(call(INTERRUPTIONS) >= ROUNDS, "the helper was parked %d times", call(INTERRUPTIONS));
    checkEqual(call(END), 0, "end of the threads");
  }

  private static void isRefused(boolean byVfork, String why) throws Exception {
    begin(byVfork, NEVER);
    try {
      var _ = JvmFork.fork();
      throw new AssertionError("it was forked");
    } catch (ForkException e) {
      checkEqual(e.stage() + " " + e.errno(), Stage.PARK + " " + ETIMEDOUT, "refusal");
      String message = String.valueOf(e.getMessage());
      check(message.contains("a thread, \"held\" (tid "), "%s", message);
      check(message.contains(why), "%s", message);
    }
    check(call(INTERRUPTIONS) > ROUNDS, "it was not tried again, or the helper stands still");
    SelfCheck.run(false);
    checkEqual(call(END), 0, "end of the threads");
    Program.inChild(() -> SelfCheck.run(false));
  }

  private static void begin(boolean byVfork, int until) {
    checkEqual(call(BEGIN, byVfork ? 1 : 0, until), 0, "begin");
    if (byVfork) {
      await("it is in vfork", Held::isInVfork);
    }
  }

  private static boolean isInVfork() {
    return Proc.threads(Proc.self()).stream()
        .map(line -> line.split(" "))
        .anyMatch(line -> line[1].equals("held") && Proc.state(Long.parseLong(line[0])) == 'D');
  }

  private static int call(MethodHandle function, Object... arguments) {
    try {
      return (int) function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static MethodHandle function(String name, int arguments) {
    ValueLayout[] types = new ValueLayout[arguments];
    Arrays.fill(types, ValueLayout.JAVA_INT);
    return Linker.nativeLinker()
        .downcallHandle(
            LIBRARY.findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_INT, types));
  }
}
