package dev.tine.examples.shop;

/**
 * Something to buy.
 *
 * @param id from 1
 * @param cents its price
 */
public record Product(int id, String name, int cents) {}
