package dev.tine.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** System properties and environment variables: what each is for, and which ones the code reads. */
final class Settings {
  private static final Pattern LITERAL =
      Pattern.compile("\"((?:dev\\.)?tine\\.[A-Za-z0-9.]+|TINE_[A-Z_]+)=?(?:%[^\"]*)?\"");

  private static final List<String> MODULES =
      List.of("sys", "repair", "fork", "process", "prefork", "run", "cli", "testkit", "worker");

  /** Literals that look like names of settings, and are none. */
  private static final Pattern OTHER =
      Pattern.compile(
          "dev\\.tine\\.(fork|prefork|process|run|repair|sys)" // loggers, modules, packages
              + "|dev\\.tine\\.[a-z.]*\\.[A-Z]\\w*" // classes
              + "|tine\\.(modulepath|h)"
              + "|TINE_(FAULTS?|RUN|TITLE)|dev\\.tine\\.worker(\\.deadlines)?"); // between our own

  // parts

  /**
   * One of them.
   *
   * @param kind where it is set
   * @param name its name
   * @param value what it may be, and what it is unless it is set
   * @param text what it does
   */
  record Setting(Kind kind, String name, String value, String text) {}

  /** Where one is set. */
  enum Kind {
    PROPERTY,
    READ,
    GIVEN
  }

  static final List<Setting> ALL =
      List.of(
          property(
              "dev.tine.fork.signal",
              "35 to 64 (the lowest real-time signal without a handler)",
              "The signal that parks threads ([SIGNALS](SIGNALS.md#the-park-signal))."),
          property(
              "dev.tine.fork.crac.skip",
              "names of classes, with commas between"
                  + " ([FRAMEWORKS](FRAMEWORKS.md#what-is-not-told-and-why))",
              "Resources of org.crac that hear of no fork."),
          property(
              "dev.tine.name",
              "1 to 32 letters, digits, dots, dashes, underscores (name of the main class or jar)",
              "What `ps` shows of the processes of `Prefork`."),
          property(
              "dev.tine.library",
              "a path (the library in the jar)",
              "A `libtine.so` to load in place of the one that is unpacked from the jar."),
          property(
              "tine.demo.jar",
              "a path (the launcher sets it)",
              "The application of `tine demo`. For the `tine` command only."),
          read(
              "XDG_RUNTIME_DIR",
              "a directory (`/tmp/tine-UID`)",
              "Where the control socket and the evidence of each program lie, in `tine/NAME`."),
          read("TERM", "`dumb` or any other", "`dumb`: no line is rewritten on the terminal."),
          read(
              "LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES, NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID",
              "as systemd sets them",
              "Sockets, notifications and watchdog ([OPERATIONS](OPERATIONS.md#under-systemd))."),
          given("TINE_NAME", "Name of the program."),
          given("TINE_EVENT", "Name of the event ([RUN](RUN.md#events))."),
          given("TINE_TIME", "When, in ISO 8601."),
          given("TINE_LINE", "The line as it is logged."),
          given("TINE_FIELD_KEY", "A field of the event, one variable for each."));

  private Settings() {}

  private static Setting property(String name, String value, String text) {
    return new Setting(Kind.PROPERTY, name, value, text);
  }

  private static Setting read(String name, String value, String text) {
    return new Setting(Kind.READ, name, value, text);
  }

  private static Setting given(String name, String text) {
    return new Setting(Kind.GIVEN, name, "", text);
  }

  /** Names of the project's own that are written in the code of the tree at {@code root}. */
  static Set<String> inCode(Path root) throws IOException {
    Set<String> names = new TreeSet<>();
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(root.resolve(module).resolve("src/main"))) {
        for (Path file : files.filter(f -> f.toString().matches(".*\\.(java|c|h)")).toList()) {
          Matcher literal = LITERAL.matcher(Files.readString(file));
          while (literal.find()) {
            String name = literal.group(1);
            if (!OTHER.matcher(name).matches()) {
              names.add(name.equals("TINE_FIELD_") ? "TINE_FIELD_KEY" : name);
            }
          }
        }
      }
    }
    return names;
  }
}
