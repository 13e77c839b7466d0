package dev.tine.systemtests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The tools of the JDK that look into JVMs, and the files by which they find them. */
public final class JdkTool {
  private JdkTool() {}

  /** Runs a tool; its output. */
  public static String run(String name, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", name).toString());
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(TestJvm.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(output).isZero();
      return output;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(command + " failed", e);
    }
  }

  /** Attaches, as jcmd does, and asks for a system property. */
  public static String property(long pid, String name) {
    try {
      VirtualMachine vm = VirtualMachine.attach(Long.toString(pid));
      try {
        return String.valueOf(vm.getSystemProperties().getProperty(name));
      } finally {
        vm.detach();
      }
    } catch (AttachNotSupportedException | IOException e) {
      throw new AssertionError("cannot attach to " + pid, e);
    }
  }

  /** The file of a JVM's performance counters. */
  public static Path counters(long pid) {
    return Path.of("/tmp", "hsperfdata_" + System.getProperty("user.name"), Long.toString(pid));
  }

  /** The socket that tools attach to. */
  public static Path socket(long pid) {
    return Path.of("/tmp", ".java_pid" + pid);
  }
}
