package dev.tine.testkit;

import dev.tine.fork.Fork;
import dev.tine.fork.ForkException;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import dev.tine.fork.Signal;
import dev.tine.fork.audit.Audit;
import dev.tine.fork.audit.AuditException;
import dev.tine.fork.audit.Kind;
import dev.tine.sys.Kcmp;
import dev.tine.sys.Pidfd;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** One check: the code runs in the parent, is forked, and runs in parent and children at once. */
final class Inspection {
  /** Two, because siblings may share what parent and child do not. */
  private static final int CHILDREN = 2;

  private static final String PARENT = "the parent";

  private final ForkCheck check;
  private final RecordingCode code;
  private final Set<Shared> found = new LinkedHashSet<>();

  /** Who has drawn a value. */
  private final Map<Records.Entry, Set<String>> drawn = new LinkedHashMap<>();

  Inspection(ForkCheck check, RecordingCode code) {
    this.check = check;
    this.code = code;
  }

  int pid() {
    return Pidfd.self();
  }

  List<Shared> run() {
    Kcmp.requireAllowed();
    Message before = runCode();
    if (!before.failure().isEmpty()) {
      throw new AssertionError("the code fails already before the fork: " + before.failure());
    }
    note(before, PARENT + " before the fork");
    Map<Long, String> threads = liveThreads();
    JvmFork.audit().findings().stream()
        .filter(finding -> finding.kind() == Kind.RECORD_LOCK)
        .forEach(finding -> found.add(new Shared.LostLock(finding.target())));
    List<ForkedProcess> processes = new ArrayList<>();
    try (var server = new ServerSocket(0, CHILDREN, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < CHILDREN; i++) {
        switch (check.fork().get()) {
          case Fork.Parent(ForkedProcess child) -> processes.add(child);
          case Fork.Child() -> Child.live(server, this);
        }
      }
      look(server, processes, threads);
    } catch (ForkException e) {
      found.add(new Shared.Refused(String.valueOf(e.getMessage())));
    } catch (IOException e) {
      throw new IllegalStateException("the children of the check cannot be reached", e);
    } finally {
      end(processes);
    }
    return List.copyOf(found);
  }

  /** Runs the code in this process, whichever it is. */
  Message runCode() {
    var records = new Records();
    String failure = "";
    try {
      code.run(records);
    } catch (Throwable e) { // assertions of the test, too
      var text = new StringWriter();
      e.printStackTrace(new PrintWriter(text));
      failure = text.toString();
    }
    return new Message(failure, records.entries(), liveThreads().keySet());
  }

  private void look(ServerSocket server, List<ForkedProcess> processes, Map<Long, String> threads)
      throws IOException {
    List<Child> children = Child.accept(processes, server, check.limit());
    try {
      Set<String> names = children.stream().map(Child::name).collect(Collectors.toSet());
      for (int i = 0; i < processes.size(); i++) {
        if (!names.contains(Child.name(i))) {
          found.add(new Shared.Failure(Child.name(i), "it did not begin within " + check.limit()));
        }
      }
      compare(children); // what was inherited, before anything is closed or opened anew
      for (Child child : children) {
        child.go();
      }
      Message here = runCode();
      note(here, PARENT);
      for (Child child : children) {
        note(child, threads);
      }
      compare(children);
      drawn.forEach((entry, who) -> {
        if (who.size() > 1) {
          found.add(new Shared.Value(entry.name(), entry.value(), String.join(" and ", who)));
        }
      });
    } finally {
      for (Child child : children) {
        child.close();
      }
    }
  }

  private void note(Child child, Map<Long, String> threadsAtFork) {
    try {
      Message answer = child.answer();
      note(answer, child.name());
      Set<Long> aliveHere = liveThreads().keySet();
      threadsAtFork.forEach((id, thread) -> {
        if (aliveHere.contains(id) && !answer.threads().contains(id)) {
          found.add(new Shared.EndedThread(thread, child.name()));
        }
      });
    } catch (SocketTimeoutException e) {
      found.add(new Shared.Failure(child.name(), "it did not finish within " + check.limit()));
    } catch (IOException e) {
      found.add(new Shared.Failure(child.name(), "the process ended while the code ran"));
    }
  }

  private void note(Message message, String process) {
    if (!message.failure().isEmpty()) {
      found.add(new Shared.Failure(process, message.failure()));
    }
    Map<Records.Entry, Integer> times = new LinkedHashMap<>();
    for (Records.Entry entry : message.entries()) {
      int time = times.merge(entry, 1, Integer::sum);
      drawn
          .computeIfAbsent(entry, _ -> new LinkedHashSet<>())
          .add(time == 1 ? process : process + " again");
    }
  }

  private void compare(List<Child> children) {
    Map<String, Audit> audits = new LinkedHashMap<>();
    audits.put(PARENT, JvmFork.audit());
    for (Child child : children) {
      try {
        audits.put(child.name(), Audit.of(child.process().pid()));
      } catch (AuditException e) {
        // It has ended, which is noted where it does not answer.
      }
    }
    List<Map.Entry<String, Audit>> all = List.copyOf(audits.entrySet());
    for (int i = 0; i < all.size(); i++) {
      for (Map.Entry<String, Audit> other : all.subList(i + 1, all.size())) {
        Map.Entry<String, Audit> one = all.get(i);
        String names = one.getKey() + " and " + other.getKey();
        found.addAll(Processes.compare(one.getValue(), other.getValue(), names));
      }
    }
  }

  private static Map<Long, String> liveThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .collect(Collectors.toMap(Thread::threadId, Thread::getName));
  }

  private void end(List<ForkedProcess> processes) {
    try {
      for (ForkedProcess process : processes) {
        Child.end(process, check.limit());
      }
    } catch (InterruptedException e) {
      processes.forEach(process -> process.signal(Signal.KILL));
      Thread.currentThread().interrupt();
    }
  }
}
