import org.jspecify.annotations.NullMarked;

/**
 * The C core of Tine and its bindings: parking threads, clone(), and what a child does before Java
 * runs again. Internal to Tine; the only module that makes restricted calls ({@code
 * --enable-native-access=dev.tine.sys}).
 */
// The modules exported to are built after this one.
@SuppressWarnings("module")
@NullMarked
module dev.tine.sys {
  requires jdk.unsupported;
  requires static org.jspecify;

  exports dev.tine.sys to
      dev.tine.cli,
      dev.tine.fork,
      dev.tine.prefork,
      dev.tine.process,
      dev.tine.run,
      dev.tine.testkit;
}
