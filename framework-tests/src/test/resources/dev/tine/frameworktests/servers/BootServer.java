package servers;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A web application of Spring Boot, with the web server that is on its class path. */
@SpringBootConfiguration
@EnableAutoConfiguration
@RestController
public class BootServer {
  /** With options of Spring Boot's. */
  public static void main(String[] arguments) {
    SpringApplication.run(BootServer.class, arguments);
  }

  /** Who answers. */
  @GetMapping("/")
  public String pid() {
    return "pid " + ProcessHandle.current().pid() + "\n";
  }
}
