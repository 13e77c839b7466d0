import org.jspecify.annotations.NullMarked;

/** The {@code tine} command. It has no public API. */
@NullMarked
module dev.tine.cli {
  requires dev.tine.fork;
  requires dev.tine.prefork;
  requires dev.tine.run;
  requires info.picocli;
  requires static org.jspecify;

  opens dev.tine.cli to
      info.picocli;
}
