package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Signal;
import dev.tine.run.Restarts.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of restarts, on a clock of its own. Where a case is one of OTP's supervisor_SUITE, it
 * has its name.
 */
class RestartsTest {
  private static final Duration EARLY = Duration.ofMillis(20);
  private static final Duration SERVED = Duration.ofSeconds(5);
  private static final Duration HEALTHY = Duration.ofSeconds(30);
  private static final Duration PERIOD = Duration.ofSeconds(60);
  private static final int PERMANENT = 78;
  private static final int WANTED = 4;

  private long nowNanos = 1_000_000_000_000L;
  private double dice;

  /** How a worker ends. */
  enum End {
    NORMAL,
    SHUTDOWN,
    ABNORMAL,
    CRASHED,
    KILLED,
    UNKNOWN,
    PERMANENT_EXIT;

    ExitStatus status() {
      return switch (this) {
        case NORMAL -> new ExitStatus.Exited(0);
        case SHUTDOWN -> new ExitStatus.Exited(143);
        case ABNORMAL -> new ExitStatus.Exited(1);
        case CRASHED -> new ExitStatus.Signaled(Signal.SEGV, true);
        case KILLED -> new ExitStatus.Signaled(Signal.KILL, false);
        case UNKNOWN -> new ExitStatus.Unknown("reaped by somebody else");
        case PERMANENT_EXIT -> new ExitStatus.Exited(PERMANENT);
      };
    }
  }

  /** Which rule limits restarts, to two. */
  enum Rule {
    NONE,
    MAX_RESTARTS,
    LIMIT,
    LIMIT_OF_ALL
  }

  /** How far apart three ends are. */
  enum Window {
    AT_ONCE(Duration.ofMillis(1)),
    WITHIN(PERIOD.dividedBy(2)),
    OUTSIDE(PERIOD.plusNanos(1).dividedBy(2).plusNanos(1));

    final Duration apart;

    Window(Duration apart) {
      this.apart = apart;
    }
  }

  private Restarts restarts(Rule rule, OnGiveUp onGiveUp) {
    var two = new RestartLimit(2, PERIOD);
    return new Restarts(
        new RestartPolicy(
            rule == Rule.MAX_RESTARTS ? Optional.of(2) : Optional.empty(),
            rule == Rule.LIMIT ? Optional.of(two) : Optional.empty(),
            rule == Rule.LIMIT_OF_ALL ? Optional.of(two) : Optional.empty(),
            Set.of(PERMANENT, 3),
            HEALTHY,
            onGiveUp),
        () -> nowNanos,
        () -> dice);
  }

  private Restarts always() {
    return new Restarts(RestartPolicy.ALWAYS, () -> nowNanos, () -> dice);
  }

  private void pass(Duration time) {
    nowNanos += time.toNanos();
  }

  private static Decision restartAfter(long millis) {
    return new Decision.Restart(Duration.ofMillis(millis));
  }

  private static boolean isRestart(Decision decision) {
    return decision instanceof Decision.Restart;
  }

  private static Decision end(Restarts restarts, int id, Duration age) {
    return restarts.onExit(id, End.ABNORMAL.status(), age, WANTED);
  }

  static List<Arguments> matrix() {
    List<Arguments> all = new ArrayList<>();
    for (End end : End.values()) {
      for (Rule rule : Rule.values()) {
        for (Window window : Window.values()) {
          for (OnGiveUp onGiveUp : OnGiveUp.values()) {
            all.add(Arguments.of(end, rule, window, onGiveUp));
          }
        }
      }
    }
    return all;
  }

  /** Every kind of end, under every rule, three times, and what is done then. */
  @ParameterizedTest
  @MethodSource("matrix")
  void shouldDecideByTheEndTheRuleAndTheWindow(
      End end, Rule rule, Window window, OnGiveUp onGiveUp) {
    Restarts restarts = restarts(rule, onGiveUp);
    boolean isPermanent = end == End.PERMANENT_EXIT;
    List<Decision> decisions = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      decisions.add(restarts.onExit(0, end.status(), HEALTHY, WANTED));
      if (!isRestart(decisions.getLast())) {
        break;
      }
      pass(window.apart);
    }

    boolean isExceeded =
        rule == Rule.MAX_RESTARTS
            || (window != Window.OUTSIDE && (rule == Rule.LIMIT || rule == Rule.LIMIT_OF_ALL));
    int accepted = isPermanent ? 0 : isExceeded ? 2 : 3;
    assertThat(decisions.stream().filter(RestartsTest::isRestart)).hasSize(accepted);
    if (accepted == 3) {
      assertThat(decisions).containsOnly(restartAfter(0));
      assertThat(restarts.isDown(0)).isFalse();
      return;
    }
    String option =
        isPermanent
            ? "permanent-exit"
            : switch (rule) {
              case MAX_RESTARTS -> "max-restarts";
              case LIMIT -> "restart-limit";
              case LIMIT_OF_ALL -> "restart-limit-all";
              case NONE -> "";
            };
    Restarts.Reason why =
        switch (decisions.getLast()) {
          case Decision.StopAll(Restarts.Reason reason) when onGiveUp == OnGiveUp.STOP_ALL ->
              reason;
          case Decision.StopId(Restarts.Reason reason) when onGiveUp == OnGiveUp.STOP_ID -> reason;
          case Decision.Degrade(Restarts.Reason reason) when onGiveUp == OnGiveUp.DEGRADE -> reason;
          case Decision other -> throw new AssertionError(other + " under " + onGiveUp);
        };
    assertThat(why.rule()).isEqualTo(option);
    assertThat(restarts.isDown(0)).isTrue();
    assertThat(restarts.degraded()).isEqualTo(onGiveUp == OnGiveUp.DEGRADE ? 1 : 0);
  }

  /** permanent_normal, permanent_shutdown, permanent_abnormal: all have a successor. */
  @ParameterizedTest
  @EnumSource(
      value = End.class,
      names = {"NORMAL", "SHUTDOWN", "ABNORMAL", "KILLED"})
  void permanentNormalShutdownAbnormal(End end) {
    for (int i = 0; i < 1000; i++) {
      assertThat(always().onExit(0, end.status(), HEALTHY, WANTED)).isEqualTo(restartAfter(0));
    }
  }

  /** multiple_restarts: as many as the limit in each period, for ever. */
  @Test
  void multipleRestarts() {
    Restarts restarts = restarts(Rule.LIMIT, OnGiveUp.STOP_ALL);
    for (int period = 0; period < 100; period++) {
      assertThat(isRestart(end(restarts, 0, SERVED))).isTrue();
      assertThat(isRestart(end(restarts, 0, SERVED))).isTrue();
      pass(PERIOD.plusNanos(1));
    }
  }

  /** one_for_one: the others know nothing of it. */
  @Test
  void oneForOne() {
    Restarts restarts = restarts(Rule.LIMIT, OnGiveUp.STOP_ID);
    for (int i = 0; i < 3; i++) {
      end(restarts, 0, EARLY);
    }
    assertThat(restarts.isDown(0)).isTrue();
    assertThat(end(restarts, 1, EARLY)).isEqualTo(restartAfter(100));
    assertThat(restarts.isDown(1)).isFalse();
  }

  /** one_for_one_escalation: one that keeps dying takes all with it, if that is asked for. */
  @Test
  void oneForOneEscalation() {
    Restarts restarts = restarts(Rule.LIMIT, OnGiveUp.STOP_ALL);
    end(restarts, 0, EARLY);
    end(restarts, 0, EARLY);
    assertThat(end(restarts, 0, EARLY)).isInstanceOf(Decision.StopAll.class);
  }

  /** one_for_one_escalation, when all are down one after the other. */
  @ParameterizedTest
  @EnumSource(
      value = OnGiveUp.class,
      names = {"STOP_ID", "DEGRADE"})
  void oneForOneEscalationOfTheLastOne(OnGiveUp onGiveUp) {
    Restarts restarts = restarts(Rule.NONE, onGiveUp);
    for (int id = 0; id < WANTED - 1; id++) {
      assertThat(restarts.onExit(id, End.PERMANENT_EXIT.status(), EARLY, WANTED))
          .isNotInstanceOf(Decision.StopAll.class);
    }
    assertThat(restarts.onExit(WANTED - 1, End.PERMANENT_EXIT.status(), EARLY, WANTED))
        .isEqualTo(
            new Decision.StopAll(
                new Restarts.Reason(
                    "permanent-exit", "it exited with status 78, and no worker is left")));
  }

  /**
   * temporary_bystander: who lives on while another is given up is restarted later all the same.
   */
  @Test
  void temporaryBystander() {
    Restarts restarts = restarts(Rule.NONE, OnGiveUp.DEGRADE);
    restarts.onExit(0, End.PERMANENT_EXIT.status(), EARLY, WANTED);
    assertThat(end(restarts, 1, HEALTHY)).isEqualTo(restartAfter(0));
  }

  /** hanging_restart_loop: a loop of deaths never turns hot, and never ends by itself. */
  @Test
  void hangingRestartLoop() {
    Restarts restarts = always();
    long[] millis = {100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000};
    for (long delay : millis) {
      assertThat(end(restarts, 0, EARLY)).isEqualTo(restartAfter(delay));
    }
    for (int i = 0; i < 10_000; i++) {
      pass(EARLY);
      assertThat(end(restarts, 0, EARLY)).isEqualTo(restartAfter(10_000));
    }
  }

  @Test
  void shouldCountWhatOthersDidInTheLimitOfAll() {
    Restarts restarts = restarts(Rule.LIMIT_OF_ALL, OnGiveUp.STOP_ID);
    end(restarts, 0, SERVED);
    end(restarts, 1, SERVED);
    assertThat(end(restarts, 2, SERVED)).isInstanceOf(Decision.StopId.class);
    pass(PERIOD.plusNanos(1));
    assertThat(isRestart(end(restarts, 3, SERVED))).isTrue();
  }

  @Test
  void shouldRestartAtOnceWhatHasServed() {
    assertThat(end(always(), 0, Restarts.EARLY)).isEqualTo(restartAfter(0));
  }

  @Test
  void shouldKeepTheDelayOfWhatDiesBeforeItIsHealthy() {
    Restarts restarts = always();
    end(restarts, 0, EARLY);
    end(restarts, 0, EARLY);
    assertThat(end(restarts, 0, SERVED)).isEqualTo(restartAfter(200));
    assertThat(end(restarts, 0, SERVED)).isEqualTo(restartAfter(200));
    assertThat(end(restarts, 0, EARLY)).isEqualTo(restartAfter(400));
  }

  @Test
  void shouldForgetTheDelayAfterAHealthyTime() {
    Restarts restarts = always();
    end(restarts, 0, EARLY);
    end(restarts, 0, EARLY);
    assertThat(end(restarts, 0, HEALTHY)).isEqualTo(restartAfter(0));
    assertThat(end(restarts, 0, EARLY)).isEqualTo(restartAfter(100));
  }

  @Test
  void shouldLeaveAFifthOfADelayToChance() {
    Restarts restarts = always();
    dice = 1;
    assertThat(end(restarts, 0, EARLY)).isEqualTo(restartAfter(80));
    dice = 0.5;
    assertThat(end(restarts, 0, EARLY)).isEqualTo(restartAfter(180));
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void shouldBeCertainOnlyOfWhatItDoesAfterEveryEnd(End end) {
    Restarts restarts = always();
    assertThat(restarts.isCertain(0, EARLY)).isFalse();
    assertThat(restarts.isCertain(0, SERVED)).isTrue();
    assertThat(restarts.onExit(0, end.status(), SERVED, WANTED)).isEqualTo(restartAfter(0));

    end(restarts, 0, EARLY);
    assertThat(restarts.isCertain(0, SERVED)).isFalse(); // its delay stays
    assertThat(restarts.isCertain(1, SERVED)).isTrue();
  }

  @Test
  void shouldNotBeCertainWhereALimitOrAStatusMayForbidIt() {
    assertThat(restarts(Rule.NONE, OnGiveUp.STOP_ALL).isCertain(0, SERVED))
        .as("it may exit with a permanent status")
        .isFalse();
    Restarts limited =
        new Restarts(
            new RestartPolicy(
                Optional.of(1),
                Optional.empty(),
                Optional.empty(),
                Set.of(),
                HEALTHY,
                OnGiveUp.STOP_ALL),
            () -> nowNanos,
            () -> dice);
    assertThat(limited.isCertain(0, SERVED)).isTrue();
    end(limited, 0, SERVED);
    assertThat(limited.isCertain(0, SERVED)).isFalse();
    assertThat(end(limited, 0, SERVED)).isInstanceOf(Decision.StopAll.class);
  }

  @Test
  void shouldAcceptNoRestartIfTheLimitIsZero() {
    var none = new RestartLimit(0, PERIOD);
    var restarts =
        new Restarts(
            new RestartPolicy(
                Optional.empty(),
                Optional.of(none),
                Optional.empty(),
                Set.of(),
                HEALTHY,
                OnGiveUp.STOP_ID),
            () -> nowNanos,
            () -> dice);
    assertThat(end(restarts, 0, HEALTHY)).isInstanceOf(Decision.StopId.class);
  }

  @Test
  void shouldTryAgainWhatIsForgiven() {
    Restarts restarts = restarts(Rule.LIMIT, OnGiveUp.DEGRADE);
    for (int i = 0; i < 3; i++) {
      end(restarts, 0, EARLY);
      end(restarts, 1, EARLY);
    }
    assertThat(restarts.degraded()).isEqualTo(2);

    restarts.forgive(0);
    assertThat(restarts.isDown(0)).isFalse();
    assertThat(restarts.isDown(1)).isTrue();
    assertThat(end(restarts, 0, EARLY)).isEqualTo(restartAfter(100));

    restarts.forgiveAll();
    assertThat(restarts.degraded()).isZero();
    assertThat(isRestart(end(restarts, 1, SERVED))).isTrue();
  }
}
