package dev.tine.examples.shop;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** What products cost on days of the past: the cache of a server that answers from memory. */
@Component
public class PriceHistory {
  /** Prices of one product: with the head of the array, 8 KB. */
  private static final int DAYS = 2044;

  private static final int BLOCKS_PER_MB = 128;

  private final int[][] cents;

  PriceHistory(Catalogue catalogue, @Value("${shop.history-mb:4}") int megabytes) {
    cents = new int[megabytes * BLOCKS_PER_MB][DAYS];
    for (int block = 0; block < cents.length; block++) {
      int id = 1 + block % catalogue.size();
      int today = catalogue.product(id).map(Product::cents).orElse(0);
      for (int day = 0; day < DAYS; day++) {
        cents[block][day] = today - (day * 31 + block) % 100;
      }
    }
  }

  /** The lowest price of a product that is on record; the one given, if none is. */
  public int lowest(Product product) {
    int lowest = product.cents();
    if (product.id() <= cents.length) {
      for (int price : cents[product.id() - 1]) {
        lowest = Math.min(lowest, price);
      }
    }
    return lowest;
  }
}
