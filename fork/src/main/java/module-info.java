import org.jspecify.annotations.NullMarked;

/**
 * {@code fork()} for the JVM: a second process that goes on where this one is, with all its
 * threads, sharing its memory until one of them writes.
 */
// The module exported to is built after this one.
@SuppressWarnings("module")
@NullMarked
module dev.tine.fork {
  requires dev.tine.repair;
  requires dev.tine.sys;
  requires static org.jspecify;

  exports dev.tine.fork;
  exports dev.tine.fork.audit;
  exports dev.tine.fork.crac;
  exports dev.tine.fork.mold to
      dev.tine.prefork;
}
