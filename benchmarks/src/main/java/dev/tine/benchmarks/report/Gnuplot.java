package dev.tine.benchmarks.report;

import dev.tine.process.Result;
import dev.tine.process.SpawnException;
import dev.tine.process.Stdio;
import dev.tine.process.Subprocess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The program gnuplot, which draws plots. */
public final class Gnuplot {
  private static final String CURE = "On Debian: apt install gnuplot-nox";

  private Gnuplot() {}

  /** Fails early, before anything is measured in vain. */
  public static void check() throws IOException, InterruptedException {
    try {
      Subprocess.run("gnuplot", "--version");
    } catch (SpawnException e) {
      throw new IOException(e.getMessage() + ": it draws the plots. " + CURE, e);
    }
  }

  /** Draws one as SVG. */
  static void draw(Plot plot, Path file) throws IOException, InterruptedException {
    Result result =
        Subprocess.of("gnuplot", "-").stdin(Stdio.text(plot.script())).unchecked().run();
    String complaint = result.stderr().text().strip();
    if (!result.isSuccess() || !complaint.isEmpty()) {
      throw new IOException("gnuplot cannot draw " + file.getFileName() + ": " + complaint);
    }
    Files.write(file, result.stdout().bytes());
  }
}
