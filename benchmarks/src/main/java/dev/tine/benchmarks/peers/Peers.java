package dev.tine.benchmarks.peers;

import dev.tine.benchmarks.accept.Server;
import dev.tine.benchmarks.peers.Peer.Kind;
import dev.tine.benchmarks.server.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All peers. */
public final class Peers {
  /** The same program for all: examples/spring-boot-shop. */
  public static final String SHOP = "shop";

  /** A page of one line, as each language's users would write it. */
  public static final String HELLO = "hello";

  private static final String HAPROXY = "haproxy";
  private static final String PORT = "PORT";

  private final Path root = Path.of(System.getProperty("tine.benchmarks.root"));
  private final Path sources = Path.of(System.getProperty("tine.benchmarks.sources"));
  private final int workers;
  private final String count;
  private final int warmUp;

  /** With so many workers each, and so many requests before {@code tine run} forks. */
  public Peers(int workers, int warmUp) {
    this.workers = workers;
    this.count = Integer.toString(workers);
    this.warmUp = warmUp;
  }

  /** Those that are measured, and those that cannot be. */
  public List<Peer> all() {
    List<Peer> peers = new ArrayList<>(shop());
    peers.addAll(hello());
    return peers;
  }

  private List<Peer> shop() {
    List<String> java = shopCommand(List.of());
    List<String> extracted =
        shopCommand(List.of("-XX:AOTCache=" + ShopArchive.cache())).stream()
            .map(word -> word.endsWith(".jar") ? ShopArchive.jar().toString() : word)
            .toList();
    var tine = new Peer("tine run", SHOP, workers, underTine(java), Kind.SUPERVISED, reload(), "");
    var one = new Peer("1 JVM", SHOP, 1, java, Kind.JVMS, List.of(), "its reload is a restart");
    var proxied =
        new Peer(
            workers + " JVMs, HAProxy",
            SHOP,
            workers,
            java,
            Kind.JVMS,
            List.of(),
            "HAProxy round-robin with health checks each 200 ms; reload: drain, restart, ready, one"
                + " JVM after the other; a JVM that was killed is started anew at once");
    var reusing =
        new Peer(workers + " JVMs, REUSEPORT", SHOP, workers, java, Kind.ABSENT, List.of(), "")
            .absent("not possible: Tomcat's connector has no setting for SO_REUSEPORT");
    var cached =
        new Peer(
            "1 JVM, AOT cache",
            SHOP,
            1,
            extracted,
            Kind.START_ONLY,
            List.of(),
            "the jar extracted, as Spring Boot advises; a cache of a training run with the same"
                + " requests");
    return List.of(
        tine,
        one,
        Programs.find(HAPROXY).isPresent() ? proxied : proxied.absent("not installed: " + HAPROXY),
        reusing,
        cached);
  }

  private List<String> shopCommand(List<String> more) {
    List<String> options = new ArrayList<>(List.of("-Xmx200m"));
    options.addAll(more);
    // The port is put in later: a word that no number can be mistaken for.
    return Program.of(options, 4).command(0).stream()
        .map(word -> word.equals("--server.port=0") ? "--server.port=" + PORT : word)
        .toList();
  }

  private List<String> underTine(List<String> program) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(root.resolve("tine").toString(), "run", "--name", "peer-" + PORT));
    command.addAll(List.of("--workers", count, "--probation", "1s", "--ready-timeout", "180s"));
    command.addAll(List.of("--warmup-requests", Integer.toString(warmUp), "--"));
    command.addAll(program);
    return command;
  }

  private List<String> reload() {
    return List.of(root.resolve("tine").toString(), "reload", "--name", "peer-" + PORT);
  }

  private List<Peer> hello() {
    String libraries = root.resolve("benchmarks/target/lib") + "/*";
    List<String> jdk =
        Server.JDK.command(0, 0).stream()
            .map(word -> word.equals("0") ? PORT : word)
            .map(word -> word.equals(System.getProperty("java.class.path")) ? libraries : word)
            .toList();
    // The last word is the work, of which there is none.
    List<String> program = new ArrayList<>(jdk.subList(0, jdk.size() - 1));
    program.add("0");
    List<String> prefork =
        List.of(
            Programs.JAVA,
            "-XX:+UseSerialGC",
            "-Xmx96m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            libraries,
            "dev.tine.examples.hello.HelloPrefork",
            "--listen",
            "127.0.0.1:" + PORT,
            "--workers",
            count);
    return List.of(
        new Peer(
            "tine run, JDK HttpServer",
            HELLO,
            workers,
            underTine(program),
            Kind.SUPERVISED,
            reload(),
            ""),
        new Peer(
            "Prefork.forkProcesses",
            HELLO,
            workers,
            prefork,
            Kind.SUPERVISED,
            List.of(),
            "the library has no reload"),
        gunicorn("gunicorn sync", "sync", List.of()),
        gunicorn("gunicorn gthread", "gthread", List.of("--threads", "4")),
        tornado(),
        node());
  }

  private Peer gunicorn(String name, String kind, List<String> more) {
    List<String> command = new ArrayList<>();
    command.add(Programs.find("gunicorn").orElse("gunicorn"));
    command.addAll(List.of("--preload", "--workers", count, "--worker-class", kind));
    command.addAll(more);
    command.addAll(List.of("--bind", "127.0.0.1:" + PORT, "--chdir"));
    command.addAll(List.of(sources.resolve("python").toString(), "hello_wsgi:application"));
    var peer =
        new Peer(
            name,
            HELLO,
            workers,
            command,
            Kind.SUPERVISED,
            List.of("kill", "-HUP", "PID"),
            "with --preload, SIGHUP replaces the workers, but does not read the program again");
    return Programs.find("gunicorn").isPresent() ? peer : peer.absent("not installed: gunicorn");
  }

  private Peer tornado() {
    Optional<String> python = Programs.pythonWith("tornado");
    String script = sources.resolve("python/hello_tornado.py").toString();
    var peer =
        new Peer(
            "Tornado fork_processes",
            HELLO,
            workers,
            List.of(python.orElse("python3"), script, PORT, count),
            Kind.SUPERVISED,
            List.of(),
            "Tornado has no reload of its workers");
    return python.isPresent() ? peer : peer.absent("not installed: python3-tornado");
  }

  private Peer node() {
    Optional<String> node = Programs.find("node");
    String script = sources.resolve("node/hello_cluster.js").toString();
    var peer =
        new Peer(
            "Node cluster",
            HELLO,
            workers,
            List.of(node.orElse("node"), script, PORT, count),
            Kind.SUPERVISED,
            List.of("kill", "-HUP", "PID"),
            "the script replaces worker by worker; its primary process takes connections for all");
    return node.isPresent() ? peer : peer.absent("not installed: node");
  }
}
