package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryLimitTest {
  @TempDir Path root;

  @Test
  void shouldTakeTheLeastOfAllGroupsAbove() throws IOException {
    write("memory.max", "max");
    write("pod/memory.max", "1000000");
    write("pod/app/memory.max", "2000000");
    assertThat(limit("0::/pod/app\n")).hasValue(1_000_000);
    assertThat(limit("0::/pod/other\n")).hasValue(1_000_000);
    assertThat(limit("0::/\n")).isEmpty();
    assertThat(limit("0::/../../other\n")).isEmpty(); // as seen from within a namespace
  }

  @Test
  void shouldKnowTheOldHierarchy() throws IOException {
    write("memory/a/memory.limit_in_bytes", "3000000");
    write("memory/memory.limit_in_bytes", "9223372036854771712");
    assertThat(limit("5:cpu,cpuacct:/a\n4:memory:/a\n0::/a\n")).hasValue(3_000_000);
    assertThat(limit("4:memory:/\n")).isEmpty();
  }

  private OptionalLong limit(String groups) throws IOException {
    return MemoryLimit.under(Files.writeString(root.resolve("groups"), groups), root);
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }
}
