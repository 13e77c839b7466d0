import org.jspecify.annotations.NullMarked;

/** Tests whether code is safe to be forked. Start at {@link dev.tine.testkit.ForkSafety}. */
@NullMarked
module dev.tine.testkit {
  requires transitive dev.tine.fork;
  requires dev.tine.sys;
  requires static org.jspecify;

  exports dev.tine.testkit;
}
