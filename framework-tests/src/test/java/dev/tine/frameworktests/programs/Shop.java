package dev.tine.frameworktests.programs;

import dev.tine.fork.ExitStatus;
import dev.tine.fork.Fork;
import dev.tine.fork.ForkedProcess;
import dev.tine.fork.JvmFork;
import dev.tine.fork.Signal;
import dev.tine.systemtests.kit.Proc;
import dev.tine.systemtests.programs.Program;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.FileSystemUtils;

/**
 * A web application of Spring Boot with a database, which forks a child of itself for each line it
 * reads; all of them serve the same port.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({Sales.class, Watched.class})
public class Shop {
  /** In the program's own directory; Tomcat leaves it behind. */
  private static final Path BASE = Path.of("tomcat");

  static void main(String[] arguments) throws Exception {
    try (var context =
        (ServletWebServerApplicationContext)
            SpringApplication.run(
                Shop.class,
                "--server.address=127.0.0.1",
                "--server.port=0",
                "--server.tomcat.basedir=" + BASE,
                "--server.tomcat.threads.max=8",
                "--spring.datasource.url=" + arguments[0],
                "--spring.datasource.hikari.maximum-pool-size=4",
                "--spring.main.banner-mode=off")) {
      context
          .getBean(JdbcTemplate.class)
          .execute("create table sales (process bigint, article int)");
      Program.say("port " + context.getWebServer().getPort());
      var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      List<ForkedProcess> children = new ArrayList<>();
      while (input.readLine() != null) {
        children.add(fork());
      }
      for (ForkedProcess child : children) {
        // The context of the child is closed by the shutdown hook of Spring Boot.
        Program.check(child.signal(Signal.TERM), "child %d has ended", child.pid());
        Program.expect(child, new ExitStatus.Exited(128 + Signal.TERM.number()));
      }
    }
    FileSystemUtils.deleteRecursively(BASE);
  }

  /** Returns in the parent only. */
  private static ForkedProcess fork() throws InterruptedException {
    return switch (JvmFork.fork()) {
      case Fork.Parent(ForkedProcess child) -> {
        Program.say("child " + child.pid());
        yield child;
      }
      case Fork.Child() -> {
        new CountDownLatch(1).await(); // the threads of the web server do the work
        throw new AssertionError("process " + Proc.self() + " goes on");
      }
    };
  }
}
