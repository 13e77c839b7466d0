package dev.tine.cli;

import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.AuditException;
import dev.tine.fork.audit.Verdict;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tine audit}: what a fork would do with all that a running JVM has. */
@Command(
    name = "audit",
    header = "Show what a fork would do with everything a running JVM has.",
    description = {
      "",
      "Lists descriptors, mappings, threads, random numbers and services of the JVM, what a child"
          + " would have in the place of each, and why. What a fork would be refused for comes"
          + " first.",
      "",
      "It only reads /proc: nothing is forked or changed, and the JVM need not use Tine. It must"
          + " belong to you, unless you are root. What is opened and closed meanwhile may be"
          + " missing.",
      "",
      "In a child, a thing is",
      "  shared     the same one that the parent uses",
      "  re-opened  the same file, at a position of its own",
      "  made anew  one of its own, in the same state",
      "  emptied    one of its own, with nothing in it",
      "  detached   a dead one: to use it fails at once, to close it says nothing",
      "  renewed    begun anew, with values that no other process has",
      "  copied     a copy of the parent's",
      "  lost       not there, though the program may believe so",
      "  refused    nothing at all: there is no fork"
    },
    sortOptions = false,
    synopsisHeading = "%nUsage: ",
    parameterListHeading = "%nParameters:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:a fork would work",
      "1:a fork would be refused; the reasons are on top",
      "2:the command line was wrong, or the process cannot be looked at"
    },
    footer = {
      "",
      "Examples:",
      "  tine audit 4711                # a table",
      "  tine audit --all 4711 | less   # with a line for each descriptor",
      "  tine audit --json 4711 | jq '.findings[] | select(.treatment == \"detached\")'"
    })
final class AuditCommand implements Callable<Integer> {
  private static final int REFUSED = 1;
  private static final int CANNOT_LOOK = 2;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "PID", description = "Process id of the JVM, as 'jps' shows it.")
  private int pid;

  @Option(
      names = "--all",
      description = "List each thing; by default those that are alike are summed up.")
  private boolean all;

  @Option(names = "--json", description = "Print JSON, with each thing in it.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Print this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Audit audit;
    try {
      audit = Audit.of(pid);
    } catch (AuditException e) {
      spec.commandLine().getErr().println(spec.qualifiedName() + ": " + e.getMessage());
      return CANNOT_LOOK;
    }
    out.print(json ? AuditJson.of(audit) : new AuditTable(width(), all).of(audit));
    out.flush();
    return audit.verdict() == Verdict.FORKABLE ? CommandLine.ExitCode.OK : REFUSED;
  }

  /** Of the terminal, as picocli found it out; at least 80. */
  private int width() {
    return Math.max(AuditTable.NARROWEST, spec.usageMessage().width());
  }
}
