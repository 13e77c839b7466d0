package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DiagnosisTest {
  private static final String JVM = "7f00 r-xp 1 /usr/lib/jvm/lib/server/libjvm.so\n";
  private static final String LIBRARY = "7f01 r-xp 2 /run/tine/shop/libtine.so\n";
  private static final String LIBC = "7f02 r-xp 3 /lib/libc.so.6\n";

  @Test
  void shouldTellAJvmThatWasNotReached() {
    assertThat(Diagnosis.ofMaps(JVM + LIBC)).contains("has taken LD_PRELOAD out");
    assertThat(Diagnosis.ofMaps(JVM + LIBRARY)).contains("descriptors 3 and 4 were closed");
  }

  @Test
  void shouldTellWhatIsNoJvm() {
    assertThat(Diagnosis.ofMaps(LIBC + LIBRARY)).isEqualTo("it is no JVM, and has not become one");
    assertThat(Diagnosis.ofMaps(LIBC)).startsWith("it is a static program");
    assertThat(Diagnosis.ofMaps("")).startsWith("it cannot be looked at");
  }
}
