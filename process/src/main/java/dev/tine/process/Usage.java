package dev.tine.process;

import java.time.Duration;

/**
 * What a subprocess used, as the kernel counted it: together with the children of its own that it
 * waited for.
 *
 * @param userTime processor time in the program
 * @param systemTime processor time in the kernel
 * @param maxResidentBytes most memory that one of them had at a time
 * @param minorFaults pages it got without reading a disk
 * @param majorFaults pages it got by reading a disk
 * @param voluntarySwitches times it waited
 * @param involuntarySwitches times another process was given the processor
 */
public record Usage(
    Duration userTime,
    Duration systemTime,
    long maxResidentBytes,
    long minorFaults,
    long majorFaults,
    long voluntarySwitches,
    long involuntarySwitches) {

  /** Of an end that nobody could tell about. */
  static final Usage NONE = new Usage(Duration.ZERO, Duration.ZERO, 0, 0, 0, 0, 0);
}
