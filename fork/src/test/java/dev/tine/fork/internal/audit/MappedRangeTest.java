package dev.tine.fork.internal.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MappedRangeTest {
  @Test
  void shouldReadALine() {
    assertThat(MappedRange.parse("7f0b1c000000-7f0b1c021000 r-xp 00001000 103:00100 99 /a b"))
        .contains(new MappedRange(0x7f0b1c000000L, 0x7f0b1c021000L, "r-xp", 0x110300L, 99, "/a b"));
    assertThat(MappedRange.parse("7f60-7f70 rw-p 00000000 00:00 0 "))
        .hasValueSatisfying(range -> assertThat(range.path()).isEmpty());
    assertThat(MappedRange.parse("Size: 4 kB")).isEmpty();
  }
}
