package dev.tine.fork.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.fork.ForkOptions;
import dev.tine.fork.Refusal;
import dev.tine.fork.audit.Finding;
import dev.tine.fork.audit.Kind;
import dev.tine.fork.audit.Subject;
import dev.tine.fork.audit.Treatment;
import org.junit.jupiter.api.Test;

final class GrantedTest {
  private static final Finding RING = descriptor(5, Kind.IO_URING, Treatment.REFUSED);
  private static final Finding LOCK = descriptor(6, Kind.RECORD_LOCK, Treatment.LOST);
  private static final Finding CONNECTION = descriptor(6, Kind.TCP_CONNECTION, Treatment.DETACHED);
  private static final Finding INDEX =
      new Finding(
          new Subject.Memory(0x1000, 0x2000),
          Kind.SHARED_WRITABLE,
          "/srv/index",
          Treatment.REFUSED,
          "");

  private static Finding descriptor(int fd, Kind kind, Treatment treatment) {
    return new Finding(new Subject.Descriptor(fd), kind, "", treatment, "");
  }

  @Test
  void shouldChangeNothingByDefault() {
    var granted = new Granted(ForkOptions.defaults(), _ -> false);

    assertThat(granted.apply(RING)).isEqualTo(RING);
    assertThat(granted.apply(INDEX)).isEqualTo(INDEX);
    assertThat(granted.apply(CONNECTION)).isEqualTo(CONNECTION);
  }

  @Test
  void shouldShareWhatIsAllowed() {
    var granted = new Granted(ForkOptions.defaults().allow(Refusal.IO_URING), _ -> false);

    assertThat(granted.apply(RING).treatment()).isEqualTo(Treatment.SHARED);
    assertThat(granted.apply(INDEX)).isEqualTo(INDEX);
  }

  @Test
  void shouldAllowMappingsByPath() {
    var granted =
        new Granted(ForkOptions.defaults().allowMapping("/srv/index"::equals), _ -> false);
    var other = new Granted(ForkOptions.defaults().allowMapping("/srv/other"::equals), _ -> false);

    assertThat(granted.apply(INDEX).treatment()).isEqualTo(Treatment.SHARED);
    assertThat(other.apply(INDEX)).isEqualTo(INDEX);
  }

  @Test
  void shouldShareWhatIsKeptButNotTheLockOnIt() {
    var granted = new Granted(ForkOptions.defaults(), fd -> fd == 6);

    assertThat(granted.apply(CONNECTION).treatment()).isEqualTo(Treatment.SHARED);
    assertThat(granted.apply(LOCK)).isEqualTo(LOCK);
    assertThat(granted.apply(RING)).isEqualTo(RING);
  }
}
