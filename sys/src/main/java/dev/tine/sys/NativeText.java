package dev.tine.sys;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Text as programs and the kernel have it: arguments, environment, paths.
 *
 * <p>In the encoding of the locale, as the JDK does it, with one exception: where that is ASCII,
 * which is how containers without a locale look, text is UTF-8 instead of question marks.
 */
public final class NativeText {
  private static final Charset CHARSET = charset();

  private NativeText() {}

  /**
   * The bytes of a text.
   *
   * @throws IllegalArgumentException if the encoding has no bytes for a character
   */
  public static byte[] bytes(String text) {
    try {
      ByteBuffer encoded = CHARSET.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "\"" + text + "\" has a character that the locale's encoding " + CHARSET + " has not", e);
    }
  }

  /** The text of bytes; what is not text becomes replacement characters. */
  public static String text(byte[] bytes) {
    return new String(bytes, CHARSET);
  }

  private static Charset charset() {
    String name = System.getProperty("sun.jnu.encoding", "UTF-8");
    Charset locale = Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    return locale.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : locale;
  }
}
