package dev.tine.run.watch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tine.run.Request;
import dev.tine.run.Status;
import dev.tine.run.StatusJson;
import dev.tine.run.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * What the web server of a monitor has to say. For any thread but the loop's.
 *
 * @param status asks the monitor's loop
 * @param sockets the inodes of the monitor's own sockets
 */
public record Pages(
    Supplier<CompletableFuture<Status>> status,
    Supplier<Set<Long>> sockets,
    Counters counters,
    EventLog log,
    StuckWorkers stuck,
    Sampler sampler) {
  /** The loop waits for nothing: one that takes longer is stuck. */
  private static final int LIMIT_SECONDS = 2;

  private static final String TEXT = "text/plain; charset=utf-8";

  /** An answer. */
  record Page(int status, String type, String body) {}

  /** The page at a path; empty: there is none. */
  Optional<Page> at(String path) {
    return switch (path) {
      case "/" -> Optional.of(new Page(200, "text/html; charset=utf-8", html()));
      case "/status.json" -> Optional.of(withStatus(this::json));
      case "/metrics" -> Optional.of(withStatus(this::metrics));
      case "/health/live" -> Optional.of(withStatus(now -> new Page(200, TEXT, "ok\n")));
      case "/health/ready" -> Optional.of(withStatus(this::readiness));
      default -> Optional.empty();
    };
  }

  private interface Writer {
    Page write(Status now) throws IOException;
  }

  private Page withStatus(Writer writer) {
    try {
      return writer.write(status.get().get(LIMIT_SECONDS, TimeUnit.SECONDS));
    } catch (TimeoutException e) {
      return new Page(503, TEXT, "the monitor does not answer\n");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Page(503, TEXT, "the monitor ends\n");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One that is stuck would only make its client wait: it counts as if it had ended. */
  private Page readiness(Status now) {
    int serving = stuck.serving(now);
    boolean isReady =
        serving > 0 && (now.state().equals("serving") || now.state().equals("changing"));
    return new Page(
        isReady ? 200 : 503,
        TEXT,
        "%s: %d of %d workers serve\n".formatted(now.state(), serving, now.wanted()));
  }

  private static String html() {
    try (InputStream in = Pages.class.getResourceAsStream("status.html")) {
      if (in == null) {
        throw new IllegalStateException("status.html is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Page metrics(Status now) {
    Sampler.Sample sample = sampler.sample(now, sockets.get());
    return new Page(200, Exposition.CONTENT_TYPE, new Metrics(now, sample, counters).text());
  }

  private Page json(Status now) throws IOException {
    Sampler.Sample sample = sampler.sample(now, sockets.get());
    Map<Integer, Usage> usages = sample.usages();
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("version", Request.VERSION);
      StatusJson.write(json, now, pid -> usages.getOrDefault(pid, Usage.NONE));
      json.writeNumberField("restarts", counters.sum("tine_worker_restarts_total"));
      json.writeArrayFieldStart("queues");
      for (Sampler.Queue queue : sample.queues()) {
        json.writeStartObject();
        json.writeNumberField("port", queue.port());
        json.writeNumberField("waiting", queue.waiting());
        json.writeNumberField("limit", queue.limit());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("events");
      for (EventLog.Entry entry : log.entries()) {
        json.writeStartObject();
        json.writeNumberField("number", entry.number());
        json.writeStringField("time", entry.event().time().toString());
        json.writeStringField("name", entry.event().name());
        json.writeStringField("line", entry.event().line());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return new Page(200, "application/json", text.toString());
  }
}
