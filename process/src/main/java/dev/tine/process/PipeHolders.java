package dev.tine.process;

import dev.tine.sys.Pidfd;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds the processes that have a pipe open, as far as this one may see. */
final class PipeHolders {
  private PipeHolders() {}

  /**
   * Their pids, without this process's.
   *
   * @param pipes as /proc names them: "pipe:[123]"
   */
  static List<Long> of(Set<String> pipes) {
    List<Long> holders = new ArrayList<>();
    if (pipes.isEmpty()) {
      return holders;
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        long pid = Long.parseLong(process.getFileName().toString());
        if (pid != Pidfd.self() && holds(process.resolve("fd"), pipes)) {
          holders.add(pid);
        }
      }
    } catch (IOException | NumberFormatException e) {
      return holders; // what is known is better than nothing
    }
    return holders;
  }

  private static boolean holds(Path descriptors, Set<String> pipes) {
    try (DirectoryStream<Path> links = Files.newDirectoryStream(descriptors)) {
      for (Path link : links) {
        if (pipes.contains(Files.readSymbolicLink(link).toString())) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return false; // it has ended, or is another user's
    }
    return false;
  }
}
