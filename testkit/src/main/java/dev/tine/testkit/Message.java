package dev.tine.testkit;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a process has to say when it has run the code.
 *
 * @param failure the exception with its stack; "": none
 * @param threads ids of its live threads
 */
record Message(String failure, List<Records.Entry> entries, Set<Long> threads) {

  void write(DataOutputStream out) throws IOException {
    text(out, failure);
    out.writeInt(entries.size());
    for (Records.Entry entry : entries) {
      text(out, entry.name());
      text(out, entry.value());
    }
    out.writeInt(threads.size());
    for (long thread : threads) {
      out.writeLong(thread);
    }
    out.flush();
  }

  static Message read(DataInputStream in) throws IOException {
    String failure = text(in);
    List<Records.Entry> entries = new ArrayList<>();
    for (int n = in.readInt(); n > 0; n--) {
      entries.add(new Records.Entry(text(in), text(in)));
    }
    Set<Long> threads = new HashSet<>();
    for (int n = in.readInt(); n > 0; n--) {
      threads.add(in.readLong());
    }
    return new Message(failure, entries, threads);
  }

  /** Not writeUTF, which takes 64 KB at most. */
  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }
}
