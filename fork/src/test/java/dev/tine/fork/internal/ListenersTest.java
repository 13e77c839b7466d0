package dev.tine.fork.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tine.fork.ForkException;
import dev.tine.fork.ForkListener;
import dev.tine.fork.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class ListenersTest {
  private final Listeners listeners = new Listeners();
  private final List<String> calls = new ArrayList<>();

  @Test
  void shouldCallBeforeInReverseAndAfterInOrder() {
    add("a", "");
    add("b", "");
    add("c", "");

    listeners.begin().inParent();
    listeners.begin().inChild();

    assertThat(calls)
        .containsExactly(
            "before c",
            "before b",
            "before a",
            "parent a",
            "parent b",
            "parent c", //
            "before c",
            "before b",
            "before a",
            "child a",
            "child b",
            "child c");
  }

  @Test
  void shouldUndoInOrderWhenOneCancels() {
    add("a", "");
    add("b", "before b");
    add("c", "");
    add("d", "");

    assertThatThrownBy(listeners::begin)
        .isInstanceOfSatisfying(
            ForkException.class,
            e -> {
              assertThat(e.stage()).isEqualTo(ForkException.Stage.LISTENER);
              assertThat(e.errno()).isZero();
            })
        .hasMessageContaining(Recording.class.getName())
        .hasMessageContaining("before b is to fail")
        .cause()
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(calls).containsExactly("before d", "before c", "before b", "parent c", "parent d");
  }

  @Test
  void shouldCancelOnErrorsToo() {
    listeners.add(
        new ForkListener() {
          @Override
          public void beforeFork() {
            throw new NoClassDefFoundError("gone");
          }
        });

    assertThatThrownBy(listeners::begin)
        .isInstanceOf(ForkException.class)
        .hasCauseInstanceOf(NoClassDefFoundError.class);
  }

  @Test
  void shouldCallTheOthersWhenOneFailsAfterTheFork() {
    add("a", "parent a");
    add("b", "child b");
    add("c", "");

    List<LogRecord> log =
        logged(() -> {
          listeners.begin().inParent();
          listeners.begin().inChild();
        });

    assertThat(calls)
        .containsSubsequence("parent a", "parent b", "parent c", "child a", "child b", "child c");
    assertThat(log)
        .extracting(LogRecord::getMessage)
        .containsExactly(
            "the listener " + Recording.class.getName() + " failed in inParent",
            "the listener " + Recording.class.getName() + " failed in inChild");
    assertThat(log).extracting(LogRecord::getThrown).doesNotContainNull();
  }

  @Test
  void shouldUndoTheOthersWhenOneFailsInTheUndoing() {
    add("a", "before a");
    add("b", "parent b");
    add("c", "");

    List<LogRecord> log =
        logged(() ->
            assertThatThrownBy(listeners::begin)
                .hasMessageContaining("before a is to fail")
                .isInstanceOf(ForkException.class));

    assertThat(calls).containsExactly("before c", "before b", "before a", "parent b", "parent c");
    assertThat(log).hasSize(1);
  }

  @Test
  void shouldCallNobodyWhoseRegistrationIsClosed() {
    Registration a = add("a", "");
    add("b", "");

    a.close();
    a.close();
    listeners.begin().inChild();

    assertThat(calls).containsExactly("before b", "child b");
  }

  @Test
  void shouldCallAListenerOnceForEachRegistration() {
    var twice = new Recording("a", "", calls);
    listeners.add(twice);
    Registration second = listeners.add(twice);

    second.close();
    listeners.begin().inParent();

    assertThat(calls).containsExactly("before a", "parent a");
  }

  @Test
  void shouldTellOfTheForkOnlyThoseWhoHeardOfItBefore() {
    Registration a = add("a", "");
    Listeners.Round round = listeners.begin();
    a.close();
    add("b", "");

    round.inParent();

    assertThat(calls).containsExactly("before a", "parent a");
  }

  private Registration add(String name, String failingCall) {
    return listeners.add(new Recording(name, failingCall, calls));
  }

  /** What the listeners log while {@code task} runs; it is not printed. */
  private static List<LogRecord> logged(Runnable task) {
    List<LogRecord> records = new ArrayList<>();
    Logger logger = Logger.getLogger("dev.tine.fork");
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            records.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      task.run();
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(handler);
    }
    return records;
  }

  /** Writes down what it is told, and fails in one call. */
  private record Recording(String name, String failingCall, List<String> calls)
      implements ForkListener {
    @Override
    public void beforeFork() {
      called("before " + name);
    }

    @Override
    public void inParent() {
      called("parent " + name);
    }

    @Override
    public void inChild() {
      called("child " + name);
    }

    private void called(String call) {
      calls.add(call);
      if (call.equals(failingCall)) {
        throw new IllegalArgumentException(call + " is to fail");
      }
    }
  }
}
