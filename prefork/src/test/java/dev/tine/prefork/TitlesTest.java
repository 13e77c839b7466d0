package dev.tine.prefork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TitlesTest {
  @Test
  void shouldNameTheRoleTheProgramTheIdAndTheGeneration() {
    var titles = new Titles("shop");

    assertThat(titles.monitor()).isEqualTo("tine: monitor shop");
    assertThat(titles.mold(1)).isEqualTo("tine: mold shop gen=1");
    assertThat(titles.worker(3, 2)).isEqualTo("tine: worker shop id=3 gen=2");
  }

  @Test
  void shouldPreferTheChosenName() {
    assertThat(Titles.of("shop-2.eu_1", "org.example.Main").name()).isEqualTo("shop-2.eu_1");
  }

  @ParameterizedTest
  @CsvSource({
    "org.example.Main --port 80, Main",
    "Main, Main",
    "org.example/org.example.Main, Main",
    "/srv/apps/shop-1.2.jar --port 80, shop-1.2",
    "org.example.Outer$Main, Outer-Main",
    "org.example.ANameThatIsMuchLongerThanThirtyTwoLetters, ANameThatIsMuchLongerThanThirtyT",
    "'', app",
    "'/srv/.jar', app",
  })
  void shouldDeriveANameFromTheCommand(String command, String name) {
    assertThat(Titles.of("", command).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "shöp", "a/b", "123456789012345678901234567890123"})
  void shouldRefuseANameThatPsCouldNotShow(String name) {
    assertThatThrownBy(() -> Titles.of(name, "Main"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dev.tine.name=" + name);
  }
}
