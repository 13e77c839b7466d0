package dev.tine.fork.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.Descriptor;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.Refusal;
import dev.tine.sys.DescriptorCall;
import dev.tine.sys.DescriptorKind;
import dev.tine.sys.ForkCall;
import dev.tine.sys.RefusalReason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ExemptTest {
  @Test
  void shouldExemptNothingByDefault() {
    assertThat(Exempt.of(ForkOptions.defaults())).isEqualTo(ForkCall.Exemptions.NONE);
  }

  @ParameterizedTest
  @EnumSource(DescriptorKind.class)
  void shouldKnowEveryKind(DescriptorKind kind) {
    var open = new DescriptorCall.Open(1 << 20, kind, 0, false, 1, 1);

    assertThat(Exempt.descriptor(open).kind()).hasToString(kind.name());
    assertThat(Exempt.descriptor(open).target()).as("it is not open").isEmpty();
    assertThat(Descriptor.Kind.values()).hasSameSizeAs(DescriptorKind.values());
  }

  @Test
  void shouldRelaxOneByOne() {
    ForkOptions options =
        ForkOptions.defaults().allow(Refusal.IO_URING).allow(Refusal.FLIGHT_RECORDER);

    assertThat(Exempt.relaxed(options)).containsExactly(RefusalReason.IO_URING);
    assertThat(options.allows(Refusal.PERF_EVENT)).isFalse();
    assertThat(ForkOptions.defaults().allows(Refusal.IO_URING)).as("immutable").isFalse();
    assertThat(Exempt.relaxed(ForkOptions.defaults().allow(Refusal.values())))
        .hasSize(RefusalReason.values().length - 1);
  }

  @Test
  void shouldAllowMappingsByPath() {
    List<String> lines =
        List.of(
            "7f00-7f10 rw-s 00000000 fe:01 4711                       /srv/index (deleted)",
            "7f20-7f30 rw-s 00000000 00:01 12                         /dev/zero (deleted)",
            "7f40-7f50 r--s 00000000 fe:01 13                         /srv/index2",
            "7f60-7f70 rw-p 00000000 00:00 0 ");

    assertThat(Exempt.mapped(lines, path -> path.startsWith("/srv/index")))
        .containsExactly(new ForkCall.OpenFile(-1, 0xfe01, 4711));
    assertThat(Exempt.mapped(lines, _ -> true)).hasSize(2);
  }
}
