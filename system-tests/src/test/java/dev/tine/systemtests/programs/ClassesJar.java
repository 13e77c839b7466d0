package dev.tine.systemtests.programs;

import static java.lang.constant.ConstantDescs.CD_int;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
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
        int number = i;
        jar.putNextEntry(new JarEntry("made/C" + i + ".class"));
        jar.write(
            ClassFile.of()
                .build(
                    ClassDesc.of("made", "C" + i),
                    type ->
                        type.withMethodBody(
                            "number",
                            MethodTypeDesc.of(CD_int),
                            ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                            code -> code.loadConstant(number).ireturn())));
        jar.closeEntry();
      }
    }
    loader = new URLClassLoader(new java.net.URL[] {file.toUri().toURL()});
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
