/**
 * For the tests of programs that use subprocesses: {@link dev.tine.process.testing.FakeProgram
 * children that do as they are told}, {@link dev.tine.process.testing.LeakCheck a check that
 * nothing is left over}, {@link dev.tine.process.testing.Faults failures of the kernel}.
 */
@NullMarked
package dev.tine.process.testing;

import org.jspecify.annotations.NullMarked;
