package dev.tine.sys;

import java.util.Set;

/** The operating system and processor that {@code libtine.so} is made for. */
final class Platform {
  private static final Set<String> X86_64 = Set.of("amd64", "x86_64");

  private Platform() {}

  /** Refuses the platform of this JVM if the library cannot be for it. */
  static void requireSupported() {
    requireSupported(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  /** The dynamic linker would say no more than that a file has a wrong format. */
  static void requireSupported(String system, String processor) {
    if (!system.equals("Linux") || !X86_64.contains(processor)) {
      throw new UnsatisfiedLinkError(
          "Tine runs on Linux on x86_64 with glibc, and this JVM is for %s on %s"
              .formatted(system, processor));
    }
  }
}
