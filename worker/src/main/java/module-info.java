import org.jspecify.annotations.NullMarked;

/**
 * What a program may tell Tine of its requests, if it likes. Start at {@link
 * dev.tine.worker.Worker}.
 *
 * <p>It runs on every JDK from 11 on, as programs under {@code tine run} do, and depends on
 * nothing.
 */
@NullMarked
module dev.tine.worker {
  requires static java.management;
  requires static org.jspecify;

  exports dev.tine.worker;
}
