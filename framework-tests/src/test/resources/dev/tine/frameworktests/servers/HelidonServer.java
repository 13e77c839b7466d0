package servers;

import io.helidon.webserver.WebServer;

/** Helidon's HTTP server: {@code HelidonServer PORT}. */
public final class HelidonServer {
  private HelidonServer() {}

  /** Serves. */
  public static void main(String[] arguments) {
    WebServer.builder()
        .host("127.0.0.1")
        .port(Integer.parseInt(arguments[0]))
        .routing(routing ->
            routing.get(
                "/",
                (request, response) ->
                    response.send("pid " + ProcessHandle.current().pid() + "\n")))
        .build()
        .start();
  }
}
