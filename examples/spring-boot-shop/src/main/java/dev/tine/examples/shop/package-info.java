/** A small web shop: a Spring Boot application like any other. Nothing in it knows of Tine. */
@NullMarked
package dev.tine.examples.shop;

import org.jspecify.annotations.NullMarked;
