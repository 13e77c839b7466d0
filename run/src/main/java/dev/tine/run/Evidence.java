package dev.tine.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reports about stuck workers: a file each, for this user alone, at most so many and so long. They
 * tell of threads and numbers, never of the environment or the memory of a process.
 *
 * <p>Methods wait for disks and for workers: they are not for the loop's thread.
 */
final class Evidence {
  private static final int MOST_FILES = 20;
  private static final int MOST_BYTES = 1024 * 1024;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  private static final Pattern REST = Pattern.compile("[0-9]{8}-[0-9]{6}-[0-9]{3}-.*");

  private static final Pattern STATUS =
      Pattern.compile("(State|Threads|VmPeak|VmSize|VmHWM|VmRSS|VmSwap|.*ctxt_switches):.*");

  private final Path directory;
  private final String prefix;

  /**
   * Makes the directory, if there is none.
   *
   * @param name of the program, with which its files begin
   * @throws RunFailedException if it cannot be made
   */
  Evidence(Path directory, String name) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new RunFailedException(
          "cannot make the directory " + directory + " for evidence: " + e);
    }
    this.directory = directory;
    this.prefix = "stuck-" + name + "-";
  }

  /**
   * What a report is about.
   *
   * @param findings lines that are known without looking at it
   * @param before how its threads were some time ago
   * @param quit sends it SIGQUIT
   */
  record Subject(int id, int pid, List<String> findings, ProcessSample before, Runnable quit) {}

  /**
   * Looks at a worker, and writes down what is seen; its path.
   *
   * @throws IOException if it cannot be written
   */
  Path collect(Subject subject) throws IOException {
    var text = new StringBuilder();
    text.append("A worker of tine run, at ").append(Instant.now()).append('\n');
    subject.findings.forEach(line -> text.append(line).append('\n'));
    ProcessSample now = ProcessSample.of(subject.pid);
    appendProcess(text, subject.pid);
    appendThreads(text, subject, now);
    appendDump(text, subject, now);
    return write(subject, text.toString());
  }

  private static void appendProcess(StringBuilder text, int pid) {
    text.append("\n--- process\n");
    read(pid, "status")
        .lines()
        .filter(line -> STATUS.matcher(line).matches())
        .forEach(line -> text.append(line.replace('\t', ' ')).append('\n'));
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      text.append("Descriptors: ").append(descriptors.count()).append('\n');
    } catch (IOException | UncheckedIOException e) {
      text.append("Descriptors: unknown\n");
    }
  }

  private static void appendThreads(StringBuilder text, Subject subject, ProcessSample now) {
    double seconds = Math.max(1, now.atNanos() - subject.before.atNanos()) / 1e9;
    text.append("%n--- threads, by the processor time of the last %.1f s%n".formatted(seconds));
    text.append(
        "%8s %s %6s %10s  %-16s %s%n".formatted("TID", "S", "CPU%", "CPU", "NAME", "WAITS"));
    Comparator<ProcessSample.ThreadUse> byUse =
        Comparator.comparing(thread -> ProcessSample.used(thread, subject.before));
    now.threads().values().stream()
        .sorted(byUse.reversed().thenComparingInt(ProcessSample.ThreadUse::tid))
        .forEach(thread ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "%8d %s %6.1f %9.2fs  %-16s %s %s%n",
                    thread.tid(),
                    thread.state(),
                    ProcessSample.used(thread, subject.before).toMillis() / 10.0 / seconds,
                    thread.cpu().toMillis() / 1e3,
                    thread.name(),
                    read(subject.pid, "task/" + thread.tid() + "/wchan"),
                    systemCall(subject.pid, thread.tid()))));
  }

  /** Its number alone: the arguments may be addresses of secrets, and help nobody. */
  private static String systemCall(int pid, int tid) {
    String call = read(pid, "task/" + tid + "/syscall").strip();
    return call.isEmpty() ? "" : "syscall=" + call.split(" ", 2)[0];
  }

  private static void appendDump(StringBuilder text, Subject subject, ProcessSample now) {
    text.append("\n--- thread dump\n");
    if (now.state() == 'T') {
      text.append("none: it is stopped\n");
      return;
    }
    try {
      text.append(ThreadDump.of(subject.pid, subject.quit, MOST_BYTES));
    } catch (IOException e) {
      text.append("none: ").append(e.getMessage()).append('\n');
    }
  }

  private Path write(Subject subject, String text) throws IOException {
    removeOldest();
    Path file =
        directory.resolve(
            prefix + TIME.format(Instant.now()) + "-" + subject.id + "-" + subject.pid + ".txt");
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    var owners = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (FileChannel channel = FileChannel.open(file, options, owners)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, MOST_BYTES));
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      Files.deleteIfExists(file); // the disk is full: the half of a report only takes room
      throw e;
    }
    return file;
  }

  private void removeOldest() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> reports =
          files.filter(file -> isOurs(file.getFileName().toString())).sorted().toList();
      for (int i = 0; i <= reports.size() - MOST_FILES; i++) {
        Files.deleteIfExists(reports.get(i)); // its name begins with its time
      }
    }
  }

  /** Not of a program whose name only begins the same. */
  private boolean isOurs(String name) {
    return name.startsWith(prefix) && REST.matcher(name.substring(prefix.length())).matches();
  }

  private static String read(int pid, String name) {
    try {
      return new String(
          Files.readAllBytes(Path.of("/proc/" + pid + "/" + name)), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
