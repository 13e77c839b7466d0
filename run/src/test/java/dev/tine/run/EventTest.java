package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EventTest {
  @Test
  void shouldBeOneLineOfKeysAndValues() {
    Event event = Event.of("worker").with("id", 0).with("age", Duration.ofMillis(1240));

    assertThat(event.line()).isEqualTo("worker id=0 age=1.2s");
    assertThat(event.field("id")).hasValue("0");
    assertThat(event.field("pid")).isEmpty();
  }

  @Test
  void shouldQuoteWhatIsNoPlainWord() {
    Event event =
        Event.of("x").with("a", "two words").with("b", "a\"b\\c").with("c", "").with("d", "1\n2\t");

    assertThat(event.line()).isEqualTo("x a=\"two words\" b=\"a\\\"b\\\\c\" c=\"\" d=\"1\\n2?\"");
  }
}
