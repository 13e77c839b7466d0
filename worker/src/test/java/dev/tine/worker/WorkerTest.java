package dev.tine.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WorkerTest {
  private static final Duration AT_ONCE = Duration.ofNanos(1);
  private static final Duration LATER = Duration.ofHours(1);

  @AfterEach
  void leave() {
    System.clearProperty(Worker.PROPERTY);
  }

  private static String overdue() throws Exception {
    return (String) ask("Overdue");
  }

  /** As Tine asks. */
  private static Object ask(String attribute) throws Exception {
    for (MBeanServer server : MBeanServerFactory.findMBeanServer(null)) {
      if (server.getDefaultDomain().equals("dev.tine.worker")) {
        return server.getAttribute(
            new ObjectName("dev.tine.worker", "type", "Deadlines"), attribute);
      }
    }
    return "nobody to ask";
  }

  @Test
  void shouldDoNothingInAProcessThatIsNoWorker() {
    try (Deadline deadline = Worker.deadline(AT_ONCE)) {
      assertThat(Deadlines.overdue("")).isEmpty();
      assertThat(deadline).isSameAs(Worker.deadline(LATER, "another"));
    }
  }

  @Test
  void shouldTellOfTheOneThatIsOverForLongest() throws Exception {
    System.setProperty(Worker.PROPERTY, "100");
    Deadline first = Worker.deadline(AT_ONCE, "GET /report?\"id\"\n");
    Deadline second = Worker.deadline(AT_ONCE, "another");
    Deadline third = Worker.deadline(LATER, "a third");
    assertThat(overdue())
        .matches(
            "overdue=[0-9]+ limit=0 thread=\"[^\"]+\" request=\"GET /report\\?\\?id\\?\\?\""
                + " at=\"java.lang.Thread.getStackTrace, [^\"]+\"");
    first.close();
    first.close();
    assertThat(overdue()).contains("request=\"another\"");
    second.close();
    assertThat(overdue()).isEmpty();
    third.close();
  }

  /** They are over by less than the time it takes to look at them. */
  @Test
  void shouldTellOfTheFirstOfManyThatAreOverByTheSame() throws Exception {
    System.setProperty(Worker.PROPERTY, "100");
    for (int round = 0; round < 200; round++) {
      List<Deadline> open = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        open.add(Worker.deadline(AT_ONCE, "number " + i));
      }
      assertThat(overdue()).contains("request=\"number 0\"");
      open.forEach(Deadline::close);
    }
  }

  @Test
  void shouldForgetWhatWasOpenInTheProgramThatThisIsACopyOf() throws Exception {
    System.setProperty(Worker.PROPERTY, "100");
    try (Deadline before = Worker.deadline(AT_ONCE)) {
      System.setProperty(Worker.PROPERTY, "101");
      assertThat(overdue()).isEmpty();
      assertThat(before).isNotNull();
    }
  }

  @Test
  void shouldCountForEachWorker() throws Exception {
    System.setProperty(Worker.PROPERTY, "200");
    for (int i = 0; i < 3; i++) {
      Worker.deadline(LATER).close();
    }
    assertThat(ask("Opened")).isEqualTo(3L);
    System.setProperty(Worker.PROPERTY, "201");
    assertThat(ask("Opened")).isEqualTo(0L);
    Worker.deadline(LATER).close();
    assertThat(ask("Opened")).isEqualTo(1L);
  }

  @Test
  void shouldRefuseATimeThatIsOver() {
    assertThatThrownBy(() -> Worker.deadline(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a deadline must be in the future: PT0S");
  }
}
