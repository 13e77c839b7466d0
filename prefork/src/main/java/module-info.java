import org.jspecify.annotations.NullMarked;

/**
 * One warm program, many supervised worker processes: what {@code tornado.process.fork_processes}
 * is for Python.
 */
@NullMarked
module dev.tine.prefork {
  requires dev.tine.fork;
  requires dev.tine.sys;
  requires static org.jspecify;

  exports dev.tine.prefork;
}
