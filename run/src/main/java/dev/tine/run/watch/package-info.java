/**
 * What others see of a monitor: counters, metrics and pages. Nothing in here changes what it does.
 */
package dev.tine.run.watch;
