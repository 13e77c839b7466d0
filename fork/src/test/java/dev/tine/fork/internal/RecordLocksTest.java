package dev.tine.fork.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecordLocksTest {
  private static final Path SELF = Path.of("/proc/self");

  @Test
  void shouldListTheLocksOfThisProcessOnce(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("index.lock");
    try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileChannel other = FileChannel.open(file, StandardOpenOption.READ);
        FileLock all = channel.lock(100, 50, false);
        FileLock part = channel.lock(0, 10, true)) {
      assertThat(RecordLocks.of(SELF))
          .filteredOn(lock -> lock.path().equals(file.toString()))
          .extracting(RecordLock::kind, RecordLock::exclusive, RecordLock::begin, RecordLock::end)
          .containsExactlyInAnyOrder(
              tuple(RecordLock.Kind.POSIX, true, 100L, 149L),
              tuple(RecordLock.Kind.POSIX, false, 0L, 9L));
      assertThat(all.isValid() && part.isValid() && other.isOpen()).isTrue();
    }
    assertThat(RecordLocks.of(SELF)).noneMatch(lock -> lock.path().equals(file.toString()));
  }

  @Test
  void shouldKnowALockOfTheWholeFile(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("whole.lock");
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();
      assertThat(RecordLocks.of(SELF))
          .filteredOn(found -> found.path().equals(file.toString()))
          .extracting(RecordLock::begin, RecordLock::end)
          .containsExactly(tuple(0L, RecordLock.TO_THE_END));
    }
  }

  @Test
  void shouldTellLocksOfDescriptionsApart() {
    assertThat(RecordLock.parse(3, "/a", "lock:\t1: FLOCK  ADVISORY  WRITE 359 00:13:11691 0 EOF"))
        .hasValue(new RecordLock(3, "/a", RecordLock.Kind.FLOCK, true, 0, RecordLock.TO_THE_END));
    assertThat(RecordLock.parse(3, "/a", "lock:\t1: OFDLCK ADVISORY  READ -1 08:01:12 5 6"))
        .hasValue(new RecordLock(3, "/a", RecordLock.Kind.OFD, false, 5, 6));
  }

  @Test
  void shouldPassOverWhatIsNoLock() {
    assertThat(RecordLock.parse(3, "/a", "pos:\t0")).isEmpty();
    assertThat(RecordLock.parse(3, "/a", "lock:\t1: LEASE  ACTIVE    READ 359 00:13:11691 0 EOF"))
        .isEmpty();
  }

  @Test
  void shouldSayThatThereIsNoSuchProcess() {
    assertThatThrownBy(() -> RecordLocks.of(Path.of("/proc/0"))).isInstanceOf(IOException.class);
  }
}
