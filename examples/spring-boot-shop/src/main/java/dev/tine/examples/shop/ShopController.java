package dev.tine.examples.shop;

import java.lang.management.ManagementFactory;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** What the shop answers. */
@RestController
public class ShopController {
  private final Catalogue catalogue;
  private final PriceHistory history;

  ShopController(Catalogue catalogue, PriceHistory history) {
    this.catalogue = catalogue;
    this.history = history;
  }

  /**
   * A product as its page shows it.
   *
   * @param lowestCents that it has cost
   */
  public record Offer(int id, String name, int cents, int lowestCents) {}

  /** Which process answers, as pid and host. */
  @GetMapping("/")
  public String index() {
    return "Hello from " + ManagementFactory.getRuntimeMXBean().getName() + "\n";
  }

  /** Whether it is well. */
  @GetMapping("/health")
  public String health() {
    return "up\n";
  }

  /** One product. */
  @GetMapping("/products/{id}")
  public Offer product(@PathVariable("id") int id) {
    Product product =
        catalogue.product(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    return new Offer(product.id(), product.name(), product.cents(), history.lowest(product));
  }

  /** Products with a word in their name. */
  @GetMapping("/search")
  public List<Product> search(@RequestParam("word") String word) {
    return catalogue.named(word);
  }
}
