package dev.tine.fork.crac;

/** Where resources are registered. */
public interface Context {

  /**
   * Registers a resource, for as long as somebody else holds it: it is not held here.
   *
   * <p>May be called by any thread.
   */
  void register(Resource resource);
}
