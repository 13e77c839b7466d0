package dev.tine.systemtests.programs;

import static java.lang.constant.ConstantDescs.CD_int;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntSupplier;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * A jar of many classes {@code made.C0, made.C1, …}, each with a method that returns its number.
 */
final class ClassesJar implements AutoCloseable {
  private final Path file;
  private final URLClassLoader loader;

  ClassesJar(int classes) throws IOException {
    file = Files.createTempFile("classes-", ".jar");
    try (var jar = new JarOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < classes; i++) {
        jar.putNextEntry(new JarEntry("made/C" + i + ".class"));
        jar.write(bytes(ClassDesc.of("made", "C" + i), i));
        jar.closeEntry();
      }
    }
    loader = new URLClassLoader(new URL[] {file.toUri().toURL()});
  }

  /** A method, that returns a number, of a new class that is in no jar. */
  static IntSupplier newCode(int number) throws ReflectiveOperationException {
    byte[] bytes = bytes(ClassDesc.of(ClassesJar.class.getPackageName(), "Hidden"), number);
    var lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
    MethodHandle method =
        lookup.findStatic(lookup.lookupClass(), "number", MethodType.methodType(int.class));
    return MethodHandleProxies.asInterfaceInstance(IntSupplier.class, method);
  }

  private static byte[] bytes(ClassDesc name, int number) {
    return ClassFile.of()
        .build(
            name,
            type ->
                type.withMethodBody(
                    "number",
                    MethodTypeDesc.of(CD_int),
                    ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                    code -> code.loadConstant(number).ireturn()));
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
