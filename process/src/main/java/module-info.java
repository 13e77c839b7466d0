import org.jspecify.annotations.NullMarked;

/**
 * Subprocesses that never block a thread: what {@code tornado.process.Subprocess} is for Python.
 */
@NullMarked
module dev.tine.process {
  requires dev.tine.sys;
  requires static dev.tine.fork; // to hear of forks, where there are any
  requires static org.jspecify;

  exports dev.tine.process;
  exports dev.tine.process.testing;
}
