package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lines that somebody else wrote: each is a request as it says, or is refused with a reason. */
@Timeout(60)
class RequestFuzzTest {
  private static final long SEED = 20_260_705;
  private static final int MESSAGES = 20_000;

  private static final List<Request> SOUND =
      List.of(
          new Request.GetStatus(),
          new Request.GetLogs(),
          new Request.Restart(3),
          new Request.Scale(12),
          new Request.Stop(),
          new Request.Reload(List.of()),
          new Request.Reload(List.of("java", "-jar", "a \"b\" \\ \u00e4.jar")),
          new Request.Rollback(),
          new Request.Refork());

  private static final List<String> PIECES =
      List.of(
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "\"",
          "\\",
          "\\u0000",
          "null",
          "true",
          "1e400",
          "-1",
          "99999999999999999999",
          "\"run\":[\"a\\u0000b\"]",
          "\"run\":[1]",
          "\"run\":[[\"a\"]]",
          "\"count\":1025",
          "\"id\":{}",
          "\"version\":1,",
          "\"command\":\"stop\"",
          "\ud800",
          "\0");

  private final Random random = new Random(SEED);

  @Test
  void shouldReadOrRefuseWhateverIsWritten() {
    Set<Class<?>> read = new HashSet<>();
    int refused = 0;
    for (int i = 0; i < MESSAGES; i++) {
      String line = line();
      try {
        Request request = Request.parse(line);
        read.add(request.getClass());
        assertThat(Request.parse(request.toJson())).as(line).isEqualTo(request);
        if (request instanceof Request.Reload(List<String> command)) {
          assertThat(command).as(line).noneMatch(word -> word.indexOf('\0') >= 0);
        }
      } catch (IllegalArgumentException e) {
        refused++;
        assertThat(e.getMessage()).as(line).isNotBlank();
      }
    }
    // Some are sound still: the others are not all refused for the same reason.
    assertThat(read).hasSizeGreaterThan(5);
    assertThat(refused).isBetween(MESSAGES / 2, MESSAGES - 100);
  }

  /** A sound request with some changes, or none. */
  private String line() {
    var line = new StringBuilder(SOUND.get(random.nextInt(SOUND.size())).toJson());
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(line.length() + 1);
      int to = Math.min(line.length(), at + random.nextInt(6));
      switch (random.nextInt(5)) {
        case 0 -> line.delete(at, to);
        case 1 -> line.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 2 -> line.replace(at, to, PIECES.get(random.nextInt(PIECES.size())));
        case 3 -> line.insert(at, line.substring(at, to));
        default -> line.insert(at, (char) random.nextInt(0x10000));
      }
    }
    return line.toString();
  }
}
