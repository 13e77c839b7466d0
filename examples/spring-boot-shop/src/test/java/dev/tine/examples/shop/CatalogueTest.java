package dev.tine.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CatalogueTest {
  private final Catalogue catalogue = new Catalogue();

  @Test
  void shouldFindByWord() {
    assertThat(catalogue.named("Fork"))
        .hasSize(32)
        .allSatisfy(product -> assertThat(product.name()).endsWith(" fork"));
    assertThat(catalogue.named("chair")).isEmpty();
  }

  @Test
  void shouldFindById() {
    assertThat(catalogue.product(catalogue.size())).isPresent();
    assertThat(catalogue.product(0)).isEmpty();
    assertThat(catalogue.product(catalogue.size() + 1)).isEmpty();
  }

  @Test
  void shouldKnowTheLowestPrice() {
    Product first = catalogue.product(1).orElseThrow();

    assertThat(new PriceHistory(catalogue, 1).lowest(first)).isEqualTo(first.cents() - 99);
    assertThat(new PriceHistory(catalogue, 0).lowest(first)).isEqualTo(first.cents());
  }
}
