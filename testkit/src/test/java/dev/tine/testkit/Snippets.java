package dev.tine.testkit;

import java.util.UUID;

/** Code that the documentation shows. */
final class Snippets {
  private Snippets() {}

  /** The program under test. */
  interface Shop {
    UUID order(String item);
  }

  static void checks(Shop shop) {
    // @start region="check"
    ForkSafety.check(() -> shop.order("fork"));

    ForkSafety.check(records -> records.unique("order id", shop.order("fork")));

    ForkCheck.standard()
        .ignoring(
            shared -> shared instanceof Shared.WrittenFile file && file.path().endsWith(".log"))
        .inspect(_ -> shop.order("fork"))
        .orThrow();
    // @end
  }
}
