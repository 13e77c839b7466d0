import org.jspecify.annotations.NullMarked;

/**
 * The monitor of {@code tine run}: it boots any JVM server once, warms it, freezes it, and
 * supervises the workers that are forked from it. Internal to the command.
 */
// The module exported to is built after this one.
@SuppressWarnings("module")
@NullMarked
module dev.tine.run {
  requires com.fasterxml.jackson.core;
  requires dev.tine.fork;
  requires dev.tine.sys;
  requires jdk.httpserver;
  requires jdk.net;
  requires static org.jspecify;

  exports dev.tine.run to
      dev.tine.cli;
}
