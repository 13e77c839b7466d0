package dev.tine.benchmarks.peers;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param starts of each peer
 * @param requests before memory is looked at
 * @param rounds of each load
 * @param time of each load
 * @param kills of workers that a peer replaces by itself
 * @param jvmKills of plain JVMs, which take seconds to start
 * @param reloads of each peer
 */
public record Plan(
    int starts, int requests, int rounds, Duration time, int kills, int jvmKills, int reloads) {
  /** Some minutes for all. */
  public static final Plan FULL = new Plan(3, 20_000, 3, Duration.ofSeconds(4), 30, 4, 3);

  /** The least that says something. */
  public static final Plan QUICK = new Plan(1, 4_000, 1, Duration.ofSeconds(1), 5, 1, 1);

  int kills(Peer peer) {
    return peer.kind() == Peer.Kind.JVMS ? jvmKills : kills;
  }
}
