package dev.tine.examples.shop;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** All products, and an index of the words in their names. Made once, at boot; never changed. */
@Component
public class Catalogue {
  private static final List<String> MATERIALS =
      List.of("silver", "steel", "wooden", "golden", "copper", "ivory", "plastic", "pewter");
  private static final List<String> THINGS =
      List.of("fork", "spoon", "knife", "ladle", "tongs", "whisk", "skewer", "spatula");
  private static final List<String> SIZES = List.of("small", "plain", "large", "huge");

  private final List<Product> products;
  private final Map<String, List<Product>> byWord = new HashMap<>();

  Catalogue() {
    List<String> names =
        SIZES.stream()
            .flatMap(size -> MATERIALS.stream().map(material -> size + " " + material))
            .flatMap(kind -> THINGS.stream().map(thing -> kind + " " + thing))
            .toList();
    products =
        Stream.iterate(1, id -> id + 1)
            .limit(names.size())
            .map(id -> new Product(id, names.get(id - 1), 199 + id * 7919 % 5000))
            .toList();
    for (String word : Stream.of(MATERIALS, THINGS, SIZES).flatMap(List::stream).toList()) {
      byWord.put(
          word,
          products.stream()
              .filter(product -> List.of(product.name().split(" ", -1)).contains(word))
              .toList());
    }
  }

  /** How many there are. */
  public int size() {
    return products.size();
  }

  /** The one of this id. */
  public Optional<Product> product(int id) {
    return id >= 1 && id <= products.size() ? Optional.of(products.get(id - 1)) : Optional.empty();
  }

  /** Those that have this word in their name, in whatever case. */
  public List<Product> named(String word) {
    return byWord.getOrDefault(word.toLowerCase(Locale.ROOT), List.of());
  }
}
