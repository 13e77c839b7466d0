package dev.tine.systemtests.programs;

import dev.tine.prefork.Prefork;
import dev.tine.prefork.TooManyRestartsException;
import dev.tine.systemtests.kit.Proc;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A web server with workers, which do what requests tell them to. Arguments: number of workers,
 * largest number of restarts, and optionally the exit code with which all workers end at once.
 */
public final class Workers {
  private static final SecureRandom SECURE = new SecureRandom();

  private Workers() {}

  static void main(String[] arguments) throws Exception {
    int processes = Integer.parseInt(arguments[0]);
    int maxRestarts = Integer.parseInt(arguments[1]);
    SelfCheck.prepare();
    WebServer server = new WebServer();
    // All generators have been used: what they do next is fixed unless a fork changes it.
    String randomOfMonitor = random();
    Program.say("port " + server.port());
    Program.say(
        "monitor " + Proc.self() + " task " + Prefork.taskId() + " cpus " + Prefork.cpuCount());
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> Program.say("exit of " + Proc.self() + " task " + Prefork.taskId())));
    int id;
    try {
      id =
          maxRestarts < 0
              ? Prefork.forkProcesses(processes)
              : Prefork.forkProcesses(processes, maxRestarts);
    } catch (TooManyRestartsException e) {
      Program.say("gave up: " + e.getMessage() + ", task " + Prefork.taskId());
      throw e;
    }
    Program.say("worker " + id + " pid " + Proc.self() + " task " + Prefork.taskId().orElse(-1));
    if (arguments.length > 2) {
      Program.say("random " + random());
      System.exit(Integer.parseInt(arguments[2]));
    }
    server.serve(path -> answer(server, path, id, randomOfMonitor));
  }

  private static String answer(WebServer server, String path, int id, String randomOfMonitor) {
    String[] request = path.split("\\?", 2);
    return switch (request[0]) {
      case "/" -> Long.toString(Proc.self());
      case "/id" -> id + " " + Prefork.taskId().orElse(-1) + " " + Proc.self();
      case "/check" -> check();
      case "/random" -> random();
      case "/exit" -> {
        Runtime.getRuntime().halt(Integer.parseInt(request[1]));
        yield "";
      }
      case "/exit-orderly" -> {
        System.exit(Integer.parseInt(request[1]));
        yield "";
      }
      case "/nested" -> {
        try {
          yield "returned " + Prefork.forkProcesses(1);
        } catch (IllegalStateException e) {
          yield "refused: " + e.getMessage();
        }
      }
      case "/close-listener" -> {
        try {
          server.close();
          yield "closed " + Proc.self();
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
      default -> "what?";
    };
  }

  private static String check() {
    try {
      SelfCheck.run(true);
      return "whole " + Proc.self();
    } catch (Exception | AssertionError e) {
      return Program.trace(e);
    }
  }

  private static String random() {
    return String.join(
        " ",
        "secure=" + SECURE.nextLong(),
        "new-secure=" + new SecureRandom().nextLong(),
        "uuid=" + UUID.randomUUID(),
        "math=" + Math.random(),
        "thread-local=" + ThreadLocalRandom.current().nextLong(),
        "random=" + new Random().nextLong(),
        "splittable=" + new SplittableRandom().nextLong());
  }
}
