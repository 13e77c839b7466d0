package dev.tine.systemtests.programs;

import dev.tine.systemtests.kit.JdkTool;
import dev.tine.systemtests.kit.Proc;

/** {@link PreforkWorkers} of a JVM that a tool has attached to before. */
public final class AttachedWorkers {
  private AttachedWorkers() {}

  static void main(String[] args) throws Exception {
    JdkTool.run("jcmd", Long.toString(Proc.self()), "VM.version");
    PreforkWorkers.main(args);
  }
}
