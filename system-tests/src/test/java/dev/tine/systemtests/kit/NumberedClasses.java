package dev.tine.systemtests.kit;

import static java.lang.constant.ConstantDescs.CD_int;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * Classes {@code made.C0, made.C1, …}, each with a static method {@code number()} that returns its
 * number. They run on JDK 17 and later.
 */
public final class NumberedClasses {
  private NumberedClasses() {}

  /** Writes a jar with the classes {@code from} to {@code to - 1}. */
  public static void writeJar(Path file, int from, int to) throws IOException {
    try (var jar = new JarOutputStream(Files.newOutputStream(file))) {
      for (int i = from; i < to; i++) {
        jar.putNextEntry(new JarEntry("made/C" + i + ".class"));
        jar.write(bytes(ClassDesc.of("made", "C" + i), i));
        jar.closeEntry();
      }
    }
  }

  /** The class file of one. */
  public static byte[] bytes(ClassDesc name, int number) {
    return ClassFile.of()
        .build(
            name,
            type ->
                type.withVersion(ClassFile.JAVA_17_VERSION, 0)
                    .withMethodBody(
                        "number",
                        MethodTypeDesc.of(CD_int),
                        ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                        code -> code.loadConstant(number).ireturn()));
  }
}
