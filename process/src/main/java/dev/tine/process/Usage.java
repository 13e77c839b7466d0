package dev.tine.process;

import java.time.Duration;

/**
 * What a subprocess used, as the kernel counted it: together with the children of its own that it
 * waited for. Without its greatest size: the kernel takes the memory of this process, which a
 * program is started in, for its own.
 *
 * @param userTime processor time in the program
 * @param systemTime processor time in the kernel
 * @param minorFaults pages it got without reading a disk
 * @param majorFaults pages it got by reading a disk
 * @param voluntarySwitches times it waited
 * @param involuntarySwitches times another process was given the processor
 */
public record Usage(
    Duration userTime,
    Duration systemTime,
    long minorFaults,
    long majorFaults,
    long voluntarySwitches,
    long involuntarySwitches) {

  /** Of an end that nobody could tell about. */
  static final Usage NONE = new Usage(Duration.ZERO, Duration.ZERO, 0, 0, 0, 0);
}
