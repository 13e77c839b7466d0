package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WorkerSocketsTest {
  @Test
  void shouldLeaveEachIdAtItsOwnIndex() {
    assertThat(table(0, 1, 2, 3)).containsExactly(0, 1, 2, 3);
  }

  @Test
  void shouldFillGapsFromAbove() {
    assertThat(table(0, 2, 3)).containsExactly(0, 3, 2);
    assertThat(table(7)).containsExactly(7);
    assertThat(table(1, 5, 6)).containsExactly(5, 1, 6);
  }

  private static List<Integer> table(Integer... ids) {
    return WorkerSockets.table(new TreeSet<>(List.of(ids)));
  }
}
