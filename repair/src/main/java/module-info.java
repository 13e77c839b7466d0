import org.jspecify.annotations.NullMarked;

/**
 * What a process and its copy must not share, and only Java code can make right: random numbers,
 * process ids, what the JDK remembers of subprocesses. Internal to Tine.
 *
 * <p>It runs on every JDK from 11 on, because it is put into programs that know nothing of Tine.
 * What differs between JDKs is looked for, not concluded from their versions.
 */
// The module exported to is built after this one.
@SuppressWarnings("module")
@NullMarked
module dev.tine.repair {
  requires static java.management;
  requires static jdk.jfr;
  requires static org.jspecify;

  exports dev.tine.repair to
      dev.tine.fork;
}
