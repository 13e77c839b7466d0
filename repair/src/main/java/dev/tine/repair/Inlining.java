package dev.tine.repair;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Keeps the JIT compilers from copying the pid of {@link ProcessHandle#current} into the code that
 * asks for it: they take a final field of a constant object for a constant. A method that they may
 * not inline reads it.
 *
 * <p>It is for code that is compiled from now on, and a hint that may fail: without the module
 * {@code jdk.management}, with compiler directives of the user's own, which would not count any
 * more, or with no room for a file. {@code docs/FORK_SAFETY.md} says what is then to be done.
 */
final class Inlining {
  private static final String PACKAGE = "com.sun.management.internal";
  private static final String INTERNALS = PACKAGE + ".";
  private static final String HANDLE = "java/lang/ProcessHandleImpl";

  /** The syntax of {@code jcmd PID Compiler.directives_add}. */
  private static final String DIRECTIVE = "[{match: \"*.*\", inline: \"-" + HANDLE + ".*\"}]";

  private static final Pattern DIRECTIVES = Pattern.compile("^Directive:", Pattern.MULTILINE);

  private Inlining() {}

  static void forbid() {
    ModuleLayer.boot().findModule("jdk.management").ifPresent(Inlining::forbid);
  }

  private static void forbid(Module management) {
    try {
      Opens.of(management, PACKAGE);
      MethodHandle command = command();
      // The first that matches counts, and the default one matches everything.
      String present = (String) command.invoke("Compiler.directives_print");
      if (DIRECTIVES.matcher(present).results().count() == 1) {
        add(command);
      }
    } catch (Throwable e) {
      // A JDK that is not known: it is as it would be without Tine.
    }
  }

  /** What {@code jcmd} calls, without a server of MBeans. */
  private static MethodHandle command() throws Throwable {
    Class.forName(INTERNALS + "PlatformMBeanProviderImpl"); // loads the native library
    Class<?> type = Class.forName(INTERNALS + "DiagnosticCommandImpl");
    Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
    Object commands =
        lookup
            .findStatic(
                type,
                "getDiagnosticCommandMBean",
                MethodType.methodType(Class.forName("com.sun.management.DiagnosticCommandMBean")))
            .invoke();
    return lookup
        .findVirtual(
            type, "executeDiagnosticCommand", MethodType.methodType(String.class, String.class))
        .bindTo(type.cast(commands));
  }

  private static void add(MethodHandle command) throws Throwable {
    Path file = Files.createTempFile("tine-", ".directives");
    try {
      Files.write(file, DIRECTIVE.getBytes(StandardCharsets.US_ASCII));
      command.invoke("Compiler.directives_add " + file);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
