import org.jspecify.annotations.NullMarked;

/** An HTTP server that binds once and serves from several forked workers. */
@NullMarked
module dev.tine.examples.hello {
  requires dev.tine.prefork;
  requires jdk.httpserver;
  requires static org.jspecify;

  exports dev.tine.examples.hello;
}
