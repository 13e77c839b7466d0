package dev.tine.prefork;

import java.util.regex.Pattern;

/** What {@code ps} shows for the processes of one program. */
record Titles(String name) {
  static final String NAME_PROPERTY = "dev.tine.name";

  private static final int MAX_NAME_LENGTH = 32;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1," + MAX_NAME_LENGTH + "}");

  /**
   * Titles with the name that the user chose, or else with one derived from the command.
   *
   * @param chosen value of {@value #NAME_PROPERTY}, or empty
   * @param command value of {@code sun.java.command}: main class, module/class or jar, then
   *     arguments
   * @throws IllegalArgumentException if the chosen name is not allowed
   */
  static Titles of(String chosen, String command) {
    if (chosen.isEmpty()) {
      return new Titles(derivedFrom(command));
    }
    if (!NAME.matcher(chosen).matches()) {
      throw new IllegalArgumentException(
          "%s=%s: a name is 1 to %d letters, digits, dots, dashes and underscores"
              .formatted(NAME_PROPERTY, chosen, MAX_NAME_LENGTH));
    }
    return new Titles(chosen);
  }

  static Titles ofThisProgram() {
    return of(System.getProperty(NAME_PROPERTY, ""), System.getProperty("sun.java.command", ""));
  }

  private static String derivedFrom(String command) {
    String program = command.strip().replaceFirst("\\s.*", "");
    String file = program.substring(program.lastIndexOf('/') + 1);
    String simple =
        file.endsWith(".jar")
            ? file.substring(0, file.length() - ".jar".length())
            : file.substring(file.lastIndexOf('.') + 1);
    String allowed = simple.replaceAll("[^A-Za-z0-9._-]", "-");
    String cut = allowed.substring(0, Math.min(allowed.length(), MAX_NAME_LENGTH));
    return cut.isEmpty() ? "app" : cut;
  }

  String monitor() {
    return "tine: monitor " + name;
  }

  String mold(int generation) {
    return "tine: mold %s gen=%d".formatted(name, generation);
  }

  String worker(int id, int generation) {
    return "tine: worker %s id=%d gen=%d".formatted(name, id, generation);
  }
}
