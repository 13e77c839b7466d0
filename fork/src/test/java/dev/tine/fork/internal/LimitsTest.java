package dev.tine.fork.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LimitsTest {
  private static final String BOTH_VERSIONS =
      """
      8:pids:/shop
      4:memory:/shop:1/worker
      2:cpu,cpuacct:/
      1:name=systemd:/
      0::/unified
      """;

  @Test
  void shouldFindTheGroupOfVersion2() {
    assertThat(Limits.directory("0::/user.slice/shop.service\n", ""))
        .contains("/user.slice/shop.service");
    assertThat(Limits.directory(BOTH_VERSIONS, "")).contains("/unified");
  }

  @Test
  void shouldFindTheGroupOfAControllerOfVersion1() {
    assertThat(Limits.directory(BOTH_VERSIONS, "pids")).contains("/shop");
    assertThat(Limits.directory(BOTH_VERSIONS, "memory")).contains("/shop:1/worker");
    assertThat(Limits.directory(BOTH_VERSIONS, "cpuacct")).contains("/");
  }

  @Test
  void shouldFindNoGroupWhereThereIsNone() {
    assertThat(Limits.directory("0::/\n", "pids")).isEmpty();
    assertThat(Limits.directory("", "")).isEmpty();
  }
}
