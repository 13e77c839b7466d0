package dev.tine.frameworktests.programs;

import dev.tine.prefork.Prefork;
import dev.tine.systemtests.programs.Program;

/** A resource of org.crac in two workers. */
public final class Branches {
  private Branches() {}

  static void main() {
    var watched = new Watched();

    int id = Prefork.forkProcesses(2);

    Program.say("worker " + id + " " + watched);
    System.exit(0);
  }
}
