import dev.tine.repair.NativeFork;
import dev.tine.sys.Natives;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Opens jars, forks children that load all their classes at once, and does so itself. Plain Java
 * 17: it shows what the C core does, on any JDK.
 */
public final class ManyJars {
  private static final int CHILDREN = 8;
  private static final int PARK_SIGNAL = 40;

  private ManyJars() {}

  /** Arguments: libtine.so, classes in each jar, the jars. */
  public static void main(String[] args) throws Exception {
    System.load(args[0]);
    Natives.bind(NativeFork.class);
    int classes = Integer.parseInt(args[1]);
    List<URL> jars = new ArrayList<>();
    for (String jar : Arrays.asList(args).subList(2, args.length)) {
      jars.add(new File(jar).toURI().toURL());
    }
    URLClassLoader loader = new URLClassLoader(jars.toArray(new URL[0]));
    List<Integer> numbers = new ArrayList<>();
    for (int i = 0; i < jars.size() * classes; i++) {
      numbers.add(i);
      if (i % classes == 0) {
        load(loader, i); // opens the jar
      }
    }
    long request = request();
    List<ProcessHandle> children = new ArrayList<>();
    for (int i = 0; i < CHILDREN; i++) {
      int pid = NativeFork.fork(request, new long[5]);
      if (pid < 0) {
        throw new IllegalStateException("fork: errno " + -pid);
      }
      if (pid == 0) {
        Runtime.getRuntime().halt(loadAll("child " + i, loader, numbers, i));
      }
      ProcessHandle.of(pid).ifPresent(children::add);
    }
    int status = loadAll("parent", loader, numbers, CHILDREN);
    for (ProcessHandle child : children) {
      child.onExit().get();
    }
    System.exit(status);
  }

  private static int loadAll(String who, URLClassLoader loader, List<Integer> numbers, int seed)
      throws IOException {
    String result = "loaded " + numbers.size();
    int status = 0;
    try {
      Collections.shuffle(numbers, new Random(seed));
      for (int number : numbers) {
        load(loader, number);
      }
    } catch (Throwable e) {
      result = "failed: " + e;
      status = 1;
    }
    // One write: lines of several processes do not mix.
    new FileOutputStream(FileDescriptor.out)
        .write((who + " " + result + "\n").getBytes(StandardCharsets.UTF_8));
    return status;
  }

  private static void load(URLClassLoader loader, int number) throws ReflectiveOperationException {
    Object found = loader.loadClass("made.C" + number).getMethod("number").invoke(null);
    if (!found.equals(number)) {
      throw new IllegalStateException("class made.C" + number + " says " + found);
    }
  }

  /** struct tine_fork_request. */
  private static long request() throws ReflectiveOperationException {
    Field field = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    sun.misc.Unsafe unsafe = (sun.misc.Unsafe) field.get(null);
    long request = unsafe.allocateMemory(192);
    unsafe.setMemory(request, 192, (byte) 0);
    unsafe.putInt(request + 12, PARK_SIGNAL);
    unsafe.putInt(request + 20, -1);
    unsafe.putInt(request + 24, -1);
    unsafe.putLong(request + 32, 5_000_000_000L);
    return request;
  }
}
