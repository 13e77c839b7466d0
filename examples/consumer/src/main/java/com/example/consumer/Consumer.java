package com.example.consumer;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Fork;
import dev.tine.fork.JvmFork;
import dev.tine.prefork.Prefork;
import dev.tine.process.Subprocess;

/** A program that starts another, forks itself, and becomes several workers. */
public final class Consumer {
  private Consumer() {}

  /** Prints a line for each. */
  public static void main(String[] args) throws InterruptedException {
    System.out.println("subprocess " + Subprocess.run("echo", "spoke").text().strip());

    switch (JvmFork.fork()) {
      case Fork.Child _ -> Runtime.getRuntime().halt(42);
      case Fork.Parent parent -> {
        ExitStatus status = parent.child().waitFor();
        System.out.println(
            "child " + (status instanceof ExitStatus.Exited(int code) ? code : status));
      }
    }

    int id = Prefork.forkProcesses(2);
    System.out.println("worker " + id);
  }
}
