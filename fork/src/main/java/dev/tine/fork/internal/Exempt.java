package dev.tine.fork.internal;

import dev.tine.fork.Descriptor;
import dev.tine.fork.ForkOptions;
import dev.tine.fork.Refusal;
import dev.tine.fork.internal.audit.MappedRange;
import dev.tine.sys.DescriptorCall;
import dev.tine.sys.ForkCall;
import dev.tine.sys.RefusalReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Makes of {@link ForkOptions} what the C library is told: numbers and inodes. */
final class Exempt {
  private Exempt() {}

  /** Asks the predicates; they are the program's, and may do anything. */
  static ForkCall.Exemptions of(ForkOptions options) {
    if (options == ForkOptions.defaults()) {
      return ForkCall.Exemptions.NONE;
    }
    return new ForkCall.Exemptions(
        relaxed(options),
        options.kept().map(Exempt::kept).orElse(List.of()),
        options.allowedMappings().map(Exempt::mapped).orElse(List.of()));
  }

  static Set<RefusalReason> relaxed(ForkOptions options) {
    Set<RefusalReason> relaxed = EnumSet.noneOf(RefusalReason.class);
    for (RefusalReason reason : RefusalReason.values()) {
      if (reason != RefusalReason.NONE && options.allows(Refusal.valueOf(reason.name()))) {
        relaxed.add(reason);
      }
    }
    return relaxed;
  }

  private static List<ForkCall.OpenFile> kept(Predicate<? super Descriptor> which) {
    List<ForkCall.OpenFile> kept = new ArrayList<>();
    for (DescriptorCall.Open open : Forking.descriptors()) {
      Descriptor descriptor = descriptor(open);
      if (!descriptor.target().isEmpty() && which.test(descriptor)) {
        kept.add(new ForkCall.OpenFile(open.fd(), open.device(), open.inode()));
      }
    }
    return kept;
  }

  /** With the target "" if it has been closed meanwhile. */
  static Descriptor descriptor(DescriptorCall.Open open) {
    String target = "";
    try {
      target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + open.fd())).toString();
    } catch (IOException e) {
      // closed
    }
    return new Descriptor(
        open.fd(), Descriptor.Kind.valueOf(open.kind().name()), target, open.flags());
  }

  private static List<ForkCall.OpenFile> mapped(Predicate<? super String> path) {
    try {
      // Not Files.readAllLines: names of files may be of any bytes.
      byte[] text = Files.readAllBytes(Path.of("/proc/self/maps"));
      return mapped(new String(text, StandardCharsets.UTF_8).lines().toList(), path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<ForkCall.OpenFile> mapped(List<String> lines, Predicate<? super String> path) {
    List<ForkCall.OpenFile> files = new ArrayList<>();
    lines.stream()
        .map(MappedRange::parse)
        .flatMap(Optional::stream)
        .filter(range -> range.isShared() && range.isWritable() && path.test(range.path()))
        .forEach(range -> files.add(new ForkCall.OpenFile(-1, range.device(), range.inode())));
    return files;
  }
}
