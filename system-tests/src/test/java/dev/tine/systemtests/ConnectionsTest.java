package dev.tine.systemtests;

import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Connections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A parent's connections are its own; selectors, pollers and watchers go on in both. */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"Serial", "G1"})
class ConnectionsTest {
  @Parameter String collector = "";

  @SuppressWarnings("NullAway.Init") // start() is run first
  private static TestJvm parent;

  @BeforeParameterizedClassInvocation
  static void start(String collector) {
    parent =
        TestJvm.of(Connections.class)
            .options("-XX:+Use" + collector + "GC", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED")
            .start();
  }

  @AfterParameterizedClassInvocation
  static void end() {
    parent.finish();
  }

  @Test
  void shouldSayNothingOnAConnectionOfTheParent() {
    parent.run("tcp");
  }

  @Test
  void shouldSayNothingOnAUnixConnectionOfTheParent() {
    parent.run("unix");
  }

  @Test
  void shouldLeaveAConnectionThatIsUnderWayToTheParent() {
    parent.run("being connected");
  }

  @Test
  void shouldSendNoDatagramOnAConnectedSocket() {
    parent.run("udp");
  }

  @Test
  void shouldConnectASocketThatWasMadeBeforeInEachProcess() {
    parent.run("fresh");
  }

  @Test
  void shouldKeepWhatIsToBeKept() {
    parent.run("kept");
  }

  @Test
  void shouldTellThePredicateWhatThereIs() {
    parent.run("kinds");
  }

  @Test
  void shouldPassOnWhatThePredicateThrows() {
    parent.run("bad predicate");
  }

  @Test
  void shouldServeOnBusySelectors() {
    parent.run("selectors");
  }

  @Test
  void shouldWakeVirtualThreads() {
    parent.run("virtual threads");
  }

  @Test
  void shouldWatchWhatTheChildRegisters() {
    parent.run("watch service");
  }
}
