package dev.tine.process;

import dev.tine.sys.Environ;
import dev.tine.sys.NativeText;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The environment of a program, as the difference to that of this process, or to none. Immutable.
 */
final class Variables {
  /** That of this process. */
  static final Variables INHERITED = new Variables(true, Map.of());

  /** Nothing in it. */
  static final Variables NONE = new Variables(false, Map.of());

  private final boolean inherits;

  /** By name, in the order they were set; empty: not in it. */
  private final Map<String, Optional<byte[]>> changes;

  private Variables(boolean inherits, Map<String, Optional<byte[]>> changes) {
    this.inherits = inherits;
    this.changes = changes;
  }

  /** These with one more, or with another value of it. */
  Variables with(String name, byte[] value) {
    checkName(name);
    Arguments.check(value, "the value of " + name);
    return changed(name, Optional.of(value.clone()));
  }

  /** These without one. */
  Variables without(String name) {
    checkName(name);
    return changed(name, Optional.empty());
  }

  private Variables changed(String name, Optional<byte[]> value) {
    Map<String, Optional<byte[]>> more = new LinkedHashMap<>(changes);
    more.put(name, value);
    return new Variables(inherits, more);
  }

  /** Whether they are those of this process as they are. */
  boolean isInherited() {
    return inherits && changes.isEmpty();
  }

  /** As execve(2) takes them, with what this process has now. */
  List<byte[]> entries() {
    List<byte[]> entries = inherits ? new ArrayList<>(Environ.entries()) : new ArrayList<>();
    changes.forEach((name, value) -> {
      byte[] bytes = NativeText.bytes(name);
      entries.removeIf(entry -> Environ.isNamed(entry, bytes));
      value.ifPresent(v -> entries.add(entry(bytes, v)));
    });
    return entries;
  }

  private static byte[] entry(byte[] name, byte[] value) {
    ByteArrayOutputStream entry = new ByteArrayOutputStream(name.length + 1 + value.length);
    entry.writeBytes(name);
    entry.write('=');
    entry.writeBytes(value);
    return entry.toByteArray();
  }

  private static void checkName(String name) {
    if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "not the name of a variable: \"" + name + "\" (not empty, without = and NUL)");
    }
  }
}
