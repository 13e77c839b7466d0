package dev.tine.fork.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.ForkException;
import dev.tine.sys.DescriptorCall;
import dev.tine.sys.RefusalReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RefusalsTest {
  @ParameterizedTest
  @EnumSource(
      value = RefusalReason.class,
      names = {"NONE", "SHARED_MAPPING"},
      mode = EnumSource.Mode.EXCLUDE)
  void shouldNameTheDescriptorAndTheWayOut(RefusalReason reason) {
    ForkException refusal = Refusals.of(new DescriptorCall.Refusal(reason, 17, 0, 0, ""));

    assertThat(refusal.stage()).isEqualTo(ForkException.Stage.SUPPORT);
    assertThat(refusal)
        .hasMessageStartingWith("this JVM cannot be forked: descriptor 17 is a")
        .hasMessageContaining("before the fork")
        .hasMessageEndingWith("allow(Refusal." + reason + ")");
  }

  @Test
  void shouldNameTheMapping() {
    var refusal =
        new DescriptorCall.Refusal(
            RefusalReason.SHARED_MAPPING, -1, 0x7f0000000000L, 0x7f0001000000L, "/srv/index");

    assertThat(Refusals.reason(refusal))
        .startsWith("/srv/index is mapped writable and shared (16 MB at 0x7f0000000000)")
        .contains("allowMapping");
  }

  @Test
  void shouldSayThatAMappingHasNoName() {
    var refusal = new DescriptorCall.Refusal(RefusalReason.SHARED_MAPPING, -1, 0, 4096, "");

    assertThat(Refusals.reason(refusal))
        .startsWith("memory without a name is mapped")
        .contains("4 KB");
  }
}
