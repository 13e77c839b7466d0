package dev.tine.run;

import java.time.Instant;
import java.util.List;

/**
 * What a monitor knows of its program at a moment.
 *
 * @param wanted how many workers there are to be
 * @param addresses where they listen
 */
public record Status(String name, int wanted, List<String> addresses, List<Member> processes) {

  /** Copies the lists. */
  public Status {
    addresses = List.copyOf(addresses);
    processes = List.copyOf(processes);
  }

  /**
   * One process.
   *
   * @param role monitor, boot, mold, worker, or stopping for a worker that was told to end
   * @param id of a worker; -1 for others
   * @param generation 0 for the monitor
   */
  public record Member(String role, int pid, int id, int generation, Instant since, int restarts) {}
}
