package dev.tine.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tine.systemtests.kit.Guest;
import dev.tine.systemtests.kit.Jdk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that know nothing of Tine, and run on other JDKs, are forked by a thread of its own. */
class GuestTest {
  private static final int CHILDREN = 3;
  private static final int PLAIN = 0;
  private static final int COLLECT = 1;
  private static final int ALLOW_RECORDING = 2;

  /** What the program draws; the rest of its report says who it is. */
  private static final Set<String> DRAWN =
      Set.of(
          "NativePRNG",
          "DRBG",
          "SHA1PRNG",
          "UUID",
          "Math",
          "ThreadLocalRandom",
          "new Random",
          "new SplittableRandom",
          "other thread");

  @TempDir Path directory;

  @ParameterizedTest(name = "JDK {0}, {1}")
  @CsvSource({"17, Serial", "17, Parallel", "17, G1", "25, Serial", "25, Parallel", "25, G1"})
  void shouldForkAProgramThatDoesNotKnowIt(int version, String collector) throws IOException {
    try (Guest guest = start(version, List.of("-XX:+Use" + collector + "GC"))) {
      for (int i = 0; i < CHILDREN; i++) {
        guest.order(i == 0 ? COLLECT : PLAIN);
        guest.awaitLine("forked \\d+");
      }
      List<Map<String, String>> reports = guest.reports(CHILDREN + 1);
      for (String generator : DRAWN) {
        Set<String> values = new HashSet<>();
        reports.forEach(report -> values.add(report.getOrDefault(generator, "")));
        assertThat(values).as("%s in %s", generator, reports).hasSize(CHILDREN + 1);
      }
      assertThat(reports)
          .allSatisfy(report -> {
            assertThat(report).containsEntry("collector", "works");
            assertThat(report.get("handle")).isEqualTo(report.get("pid"));
            assertThat(report.get("bean")).isEqualTo(report.get("pid"));
            // A process of older JDKs has no lock that could refuse.
            String foreign = version < 25 ? "ended with -1" : "foreign";
            assertThat(report.get("process"))
                .isEqualTo("parent".equals(report.get("who")) ? "alive" : foreign);
          });
      assertThat(reports).extracting(report -> report.get("who")).containsOnlyOnce("parent");
      guest.succeed();
    }
  }

  @ParameterizedTest(name = "JDK {0}")
  @ValueSource(ints = {17, 25})
  void shouldRefuseByName(int version) throws IOException {
    try (Guest guest = start(version, List.of("-XX:+UseZGC"))) {
      guest.order(PLAIN);
      guest.awaitLine("refused: ZGC keeps its heap .*-XX:\\+UseG1GC");
      assertThat(guest.reports(1)).extracting(report -> report.get("who")).containsOnly("parent");
      guest.succeed();
    }
  }

  @ParameterizedTest(name = "JDK {0}")
  @ValueSource(ints = {17, 25})
  void shouldNotForkARecordingUnlessAllowed(int version) throws IOException {
    try (Guest guest = start(version, List.of("-XX:+UseSerialGC"), "record")) {
      guest.order(PLAIN);
      guest.awaitLine("refused: Flight Recorder is recording .*");
      guest.order(ALLOW_RECORDING);
      guest.awaitLine("forked \\d+");
      assertThat(guest.reports(2))
          .extracting(report -> report.get("who"))
          .containsExactlyInAnyOrder("parent", "child");
      guest.end(); // the recorder complains: who allows this shares the recording between two
    }
  }

  private Guest start(int version, List<String> options, String... arguments) throws IOException {
    Optional<Path> home = Jdk.home(version);
    assumeTrue(home.isPresent(), "JDK " + version + " is installed");
    Guest guest = Guest.start(home.get(), directory, options, arguments);
    guest.awaitLine("ready");
    return guest;
  }
}
