package dev.tine.examples.shop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * The application. Options are Spring Boot's ({@code --server.port=8080}), and {@code
 * --shop.history-mb=500}: prices of the past to keep in memory.
 */
@SpringBootApplication
public class Shop {
  /** Starts it. */
  public static void main(String[] args) {
    SpringApplication.run(Shop.class, args);
  }
}
