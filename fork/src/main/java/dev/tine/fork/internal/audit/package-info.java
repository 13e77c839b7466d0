/**
 * The audit: {@link dev.tine.fork.internal.audit.ProcessReader} takes a snapshot from {@code
 * /proc}, and the policies say what a fork would do with each thing in it.
 *
 * <p>Policies are pure. They repeat in words what the C core does in {@code survey/survey.c} and
 * {@code child/descriptors.c}; a system test compares them with what a child really has.
 */
@NullMarked
package dev.tine.fork.internal.audit;

import org.jspecify.annotations.NullMarked;
