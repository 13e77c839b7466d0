package dev.tine.run;

import java.time.Instant;
import java.util.List;

/**
 * What a monitor knows of its program at a moment.
 *
 * @param state booting (nobody serves yet), serving, changing (a reload or the like is under way)
 *     or stopping
 * @param generation of which successors are made; 0: there is no mold
 * @param wanted how many workers there are to be
 * @param addresses where they listen
 */
public record Status(
    String name,
    String state,
    int generation,
    int wanted,
    List<String> addresses,
    List<Member> processes) {

  /** Copies the lists. */
  public Status {
    addresses = List.copyOf(addresses);
    processes = List.copyOf(processes);
  }

  /**
   * One process.
   *
   * @param role monitor, boot, mold, worker, candidate for one that is on trial, or draining for
   *     one that leaves
   * @param id of a worker; -1 for others
   * @param generation 0 for the monitor
   */
  public record Member(String role, int pid, int id, int generation, Instant since, int restarts) {}

  /** How many processes have a role. */
  public int count(String role) {
    return (int) processes.stream().filter(process -> process.role().equals(role)).count();
  }

  /** The ports of {@link #addresses}. */
  public List<Integer> ports() {
    return addresses.stream()
        .filter(address -> !address.startsWith("/"))
        .map(address -> Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)))
        .distinct()
        .toList();
  }
}
