package dev.tine.fork.crac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GlobalContextTest {
  private final GlobalContext context = new GlobalContext(Skipped.of(""));
  private final List<String> calls = new ArrayList<>();
  private final List<Resource> alive = new ArrayList<>();

  @Test
  void shouldNotifyInReverseBeforeAndInOrderAfter() {
    register("a", "");
    register("b", "");

    context.beforeFork();
    context.inChild();

    assertThat(calls).containsExactly("before b", "before a", "after a", "after b");
  }

  @Test
  void shouldNotifyAllOfTheRestoreWhenOneRefuses() {
    register("a", "");
    register("b", "before b");
    register("c", "");

    assertThatThrownBy(context::beforeFork)
        .isInstanceOf(CheckpointException.class)
        .hasSuppressedException(new IllegalStateException("before b"));
    assertThat(calls)
        .containsExactly("before c", "before b", "before a", "after a", "after b", "after c");
  }

  @Test
  void shouldNotifyTheOthersWhenOneFailsAfterwards() {
    register("a", "after a");
    register("b", "");
    context.beforeFork();

    assertThatThrownBy(context::inParent)
        .isInstanceOf(RestoreException.class)
        .hasSuppressedException(new IllegalStateException("after a"));
    assertThat(calls).containsExactly("before b", "before a", "after a", "after b");
  }

  @Test
  void shouldNotifyOfTheRestoreOnlyThoseWhoKnewOfTheCheckpoint() {
    register("a", "");
    context.beforeFork();
    register("b", "");

    context.inParent();
    context.inParent();

    assertThat(calls).containsExactly("before a", "after a");
  }

  @Test
  void shouldHoldNoResource() {
    WeakReference<Resource> reference = registerAndForget();

    while (!reference.refersTo(null)) {
      System.gc();
    }
    context.beforeFork();

    assertThat(calls).isEmpty();
  }

  @Test
  void shouldSkipByTheClassOfWhatOrgCracWraps() {
    var skipping = new GlobalContext(Skipped.of(" other.Thing, " + Server.class.getName() + ","));
    Server server = new Server(calls);
    skipping.register(keep(wrapped(server)));
    skipping.register(keep(wrapped(new DerivedServer(calls))));
    skipping.register(keep(wrapped(new Recording("a", "", calls))));

    skipping.beforeFork();
    skipping.inChild();

    assertThat(calls).containsExactly("before a", "after a");
  }

  @Test
  void shouldKnowSpringsLifecycleByDefault() {
    assertThat(Skipped.ofProcess().classNames())
        .contains(
            "org.springframework.context.support.DefaultLifecycleProcessor$CracResourceAdapter");
  }

  @Test
  void shouldSendWhoWantsACheckpointToFork() {
    assertThatThrownBy(Core::checkpointRestore)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("JvmFork.fork()");
  }

  private void register(String name, String failingCall) {
    context.register(keep(new Recording(name, failingCall, calls)));
  }

  private WeakReference<Resource> registerAndForget() {
    Resource resource = new Recording("a", "", calls);
    context.register(resource);
    return new WeakReference<>(resource);
  }

  private Resource keep(Resource resource) {
    alive.add(resource);
    return resource;
  }

  /** As org.crac wraps them; the wrapper holds its proxy, the test both. */
  private static Resource wrapped(Resource resource) {
    return (Resource)
        Proxy.newProxyInstance(
            Resource.class.getClassLoader(),
            new Class<?>[] {Resource.class},
            new Wrapper(resource));
  }

  private static final class Wrapper extends WeakReference<Resource> implements InvocationHandler {
    private final Resource strong;

    Wrapper(Resource resource) {
      super(resource);
      strong = resource;
    }

    @Override
    public @Nullable Object invoke(
        Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
      return method.invoke(strong, arguments);
    }
  }

  private static class Server extends Recording {
    Server(List<String> calls) {
      super("server", "", calls);
    }
  }

  private static final class DerivedServer extends Server {
    DerivedServer(List<String> calls) {
      super(calls);
    }
  }

  /** Writes down what it is told, and fails in one call. */
  private static class Recording implements Resource {
    private final String name;
    private final String failingCall;
    private final List<String> calls;

    Recording(String name, String failingCall, List<String> calls) {
      this.name = name;
      this.failingCall = failingCall;
      this.calls = calls;
    }

    @Override
    public void beforeCheckpoint(Context context) {
      called("before " + name);
    }

    @Override
    public void afterRestore(Context context) {
      called("after " + name);
    }

    private void called(String call) {
      calls.add(call);
      if (call.equals(failingCall)) {
        throw new IllegalStateException(call);
      }
    }
  }
}
