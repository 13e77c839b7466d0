package dev.tine.systemtests.programs;

import dev.tine.systemtests.kit.NumberedClasses;
import java.io.IOException;
import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntSupplier;

/**
 * A jar of many classes {@code made.C0, made.C1, …}, each with a method that returns its number.
 */
final class ClassesJar implements AutoCloseable {
  private final Path file;
  private final URLClassLoader loader;

  ClassesJar(int classes) throws IOException {
    file = Files.createTempFile("classes-", ".jar");
    NumberedClasses.writeJar(file, 0, classes);
    loader = new URLClassLoader(new URL[] {file.toUri().toURL()});
  }

  /** A method, that returns a number, of a new class that is in no jar. */
  static IntSupplier newCode(int number) throws ReflectiveOperationException {
    byte[] bytes =
        NumberedClasses.bytes(ClassDesc.of(ClassesJar.class.getPackageName(), "Hidden"), number);
    var lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
    MethodHandle method =
        lookup.findStatic(lookup.lookupClass(), "number", MethodType.methodType(int.class));
    return MethodHandleProxies.asInterfaceInstance(IntSupplier.class, method);
  }

  /**
   * Loads the classes {@code from} to {@code to - 1}, for the first time in this process, and calls
   * each.
   */
  void load(int from, int to) throws ReflectiveOperationException {
    for (int i = from; i < to; i++) {
      Object number = loader.loadClass("made.C" + i).getMethod("number").invoke(null);
      Program.checkEqual(number, i, "class made.C" + i);
    }
  }

  @Override
  public void close() throws IOException {
    loader.close();
    Files.delete(file);
  }
}
