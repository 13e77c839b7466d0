package dev.tine.systemtests.programs;

import static dev.tine.systemtests.programs.Program.check;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.ForkedProcess;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/** Processes for the tools of the JDK: each has its pid in the property {@value #WHO}. */
public final class Serviced {
  /** The property that tells tools which process has answered them. */
  public static final String WHO = "tine.who";

  /** Full collections of a child, and of each process that writes to the log. */
  public static final int COLLECTIONS = 5;

  private static final int STORM = 60;
  private static final int LOGGERS = 4;

  private Serviced() {}

  static void main() throws IOException {
    tellWho();
    Program.serve(
        Map.of(
            "generations", Serviced::generations,
            "a child",
                () -> Program.expect(Program.fork(Serviced::live), new ExitStatus.Exited(143)),
            "a child that halts", Serviced::halt,
            "a child that is killed", Serviced::killed,
            "storm", Serviced::storm,
            "log", Serviced::log,
            "record", Serviced::record,
            "remote", Serviced::remote,
            "repeat", () -> {}));
  }

  private static void tellWho() {
    System.setProperty(WHO, Long.toString(Proc.self()));
  }

  /** A child and its child, until both get SIGTERM. */
  private static void generations() throws Exception {
    ForkedProcess child =
        Program.fork(() -> {
          collect();
          ForkedProcess grandchild =
              Program.fork(() -> {
                collect();
                live();
              });
          Program.say("grandchild " + grandchild.pid());
          live();
        });
    Program.expect(child, new ExitStatus.Exited(143));
  }

  /** Lives until SIGTERM, at which it exits as JVMs do. */
  private static void live() throws Exception {
    tellWho();
    Program.say("process " + Proc.self());
    new CountDownLatch(1).await();
  }

  private static void collect() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
  }

  private static void halt() throws Exception {
    ForkedProcess child =
        Program.fork(() -> {
          Program.say("process " + Proc.self());
          Runtime.getRuntime().halt(3);
        });
    Program.expect(child, new ExitStatus.Exited(3));
  }

  private static void killed() throws Exception {
    ForkedProcess child = Program.fork(Serviced::live);
    check(child.waitFor() instanceof ExitStatus.Signaled, "it was not killed");
  }

  /** Forks while a tool attaches. */
  private static void storm() throws Exception {
    Program.say("storm begins");
    for (int i = 0; i < STORM; i++) {
      Program.inChild(() -> {});
    }
  }

  /** Several processes write to the log of the JVM at once. */
  private static void log() throws Exception {
    List<ForkedProcess> children = new ArrayList<>();
    for (int i = 0; i < LOGGERS; i++) {
      children.add(
          Program.fork(() -> {
            Program.say("logs " + Proc.self());
            collect();
          }));
    }
    Program.say("logs " + Proc.self());
    collect();
    for (ForkedProcess child : children) {
      Program.expectSuccess(child);
    }
  }

  /** Parent and child record after the fork, and the child ends first. */
  private static void record() throws Exception {
    try (Recording before = recording()) {
      before.stop();
    }
    ForkedProcess child =
        Program.fork(() -> {
          try (Recording own = recording()) {
            checkRecording(own);
          }
          System.exit(0); // deletes the directory of its recordings
        });
    try (Recording own = recording()) {
      Program.expectSuccess(child);
      checkRecording(own);
    }
    try (Recording next = recording()) {
      checkRecording(next);
    }
  }

  private static Recording recording() {
    Recording recording = new Recording();
    recording.enable("jdk.JVMInformation");
    recording.start();
    return recording;
  }

  /** Every file names the process that wrote it. */
  private static void checkRecording(Recording recording) throws IOException {
    Path file = Path.of("recording-" + Proc.self());
    recording.dump(file);
    try {
      List<Long> pids =
          RecordingFile.readAllEvents(file).stream()
              .filter(event -> event.getEventType().getName().equals("jdk.JVMInformation"))
              .map(event -> event.getLong("pid"))
              .distinct()
              .toList();
      Program.checkEqual(pids, List.of(Proc.self()), "who recorded");
    } finally {
      Files.delete(file);
    }
  }

  /** Parent and child have a JMX server each; they tell its address. */
  private static void remote() throws Exception {
    JMXConnectorServer server = serve();
    ForkedProcess child =
        Program.fork(() -> {
          var _ = serve();
          live();
        });
    Program.expect(child, new ExitStatus.Exited(143));
    server.stop();
  }

  private static JMXConnectorServer serve() throws IOException {
    JMXConnectorServer server =
        JMXConnectorServerFactory.newJMXConnectorServer(
            new JMXServiceURL("service:jmx:rmi://"),
            null,
            ManagementFactory.getPlatformMBeanServer());
    server.start();
    Program.say("server of %d: %s".formatted(Proc.self(), server.getAddress()));
    return server;
  }
}
