package dev.tine.sys;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PlatformTest {
  @ParameterizedTest
  @ValueSource(strings = {"amd64", "x86_64"})
  void shouldAcceptLinuxOnX86(String processor) {
    assertThatCode(() -> Platform.requireSupported("Linux", processor)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"Linux, aarch64", "Mac OS X, x86_64", "Windows 11, amd64"})
  void shouldNameAPlatformItRefuses(String system, String processor) {
    assertThatThrownBy(() -> Platform.requireSupported(system, processor))
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessage(
            "Tine runs on Linux on x86_64 with glibc, and this JVM is for %s on %s",
            system, processor);
  }

  @Test
  void shouldAcceptThisMachine() {
    assertThatCode(Platform::requireSupported).doesNotThrowAnyException();
  }
}
