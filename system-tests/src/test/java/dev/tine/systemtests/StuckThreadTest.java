package dev.tine.systemtests;

import dev.tine.systemtests.kit.Cc;
import dev.tine.systemtests.kit.TestJvm;
import dev.tine.systemtests.programs.Held;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thread that cannot be parked before another one goes on, which is parked already: all are let
 * go and parked again, and a thread that never gets on is named.
 */
class StuckThreadTest {
  private static TestJvm parent;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException, InterruptedException {
    Path library = Cc.library("held.c", directory);
    parent = TestJvm.of(Held.class).options("-Dheld.library=" + library).start();
  }

  @AfterAll
  static void end() {
    parent.finish();
  }

  @Test
  void shouldParkAgainUntilAThreadUnblocksSignals() {
    parent.run("blocks signals for a while");
  }

  @Test
  void shouldParkAgainUntilAThreadHasLeftVfork() {
    parent.run("is in vfork for a while");
  }

  @Test
  void shouldNameAThreadThatNeverUnblocksSignals() {
    parent.run("blocks signals");
  }

  @Test
  void shouldNameAThreadThatNeverLeavesVfork() {
    parent.run("is in vfork");
  }
}
