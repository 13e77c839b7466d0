package dev.tine.fork.crac;

import java.lang.ref.Reference;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Resources that are not notified: those that stop a server or a pool of connections and start it
 * again.
 *
 * <p>For a checkpoint that is right, since nothing may be open in an image. After a fork the parent
 * goes on serving, and the children serve the same listening socket, which they have inherited; to
 * bind its port again, they would fail.
 *
 * @param classNames of the resources, or of what they extend
 */
record Skipped(Set<String> classNames) {
  static final String PROPERTY = "dev.tine.fork.crac.skip";

  private static final String DEFAULT =
      String.join(
          ",",
          // All beans of Spring that are a Lifecycle, the web server among them.
          "org.springframework.context.support.DefaultLifecycleProcessor$CracResourceAdapter",
          // Micronaut's web server; it had the second name in early versions.
          "io.micronaut.crac.resources.NettyEmbeddedServerResource",
          "io.micronaut.crac.netty.NettyEmbeddedServerCracHander",
          // Its pools, which recover by themselves: it would end the parent's connections, wait for
          // those in use, and fail where a pool cannot be suspended.
          "io.micronaut.crac.resources.DataSourceResource");

  /** As the system property says, or those that are known. */
  static Skipped ofProcess() {
    return of(System.getProperty(PROPERTY, DEFAULT));
  }

  /** From names with commas between. */
  static Skipped of(String names) {
    return new Skipped(
        Arrays.stream(names.split(",", -1))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toUnmodifiableSet()));
  }

  boolean covers(Resource resource) {
    @Nullable Class<?> type = original(resource).getClass();
    while (type != null && !classNames.contains(type.getName())) {
      type = type.getSuperclass();
    }
    return type != null;
  }

  /*
   * What org.crac registers is a java.lang.reflect.Proxy, whose handler is a weak reference to the resource of the program
   * (org.crac.Core.ResourceWrapper in 1.5, org.crac.impl.ResourceWrapper later). Should that change, nothing is skipped, and
   * a web server is restarted: the tests with a framework would tell.
   */
  private static Object original(Resource resource) {
    if (Proxy.isProxyClass(resource.getClass())
        && Proxy.getInvocationHandler(resource) instanceof Reference<?> reference) {
      Object referent = reference.get();
      return referent != null ? referent : resource;
    }
    return resource;
  }
}
