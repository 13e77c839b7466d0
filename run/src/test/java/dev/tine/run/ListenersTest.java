package dev.tine.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tine.sys.FileCall;
import dev.tine.sys.ListenerCall;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SocketAddressBytes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenersTest {
  /** As by a reload to a program that listens elsewhere, and back. */
  @ParameterizedTest
  @CsvSource({"false, PER_WORKER", "true, SHARED"})
  void shouldAcceptAsBeforeWhenAnAddressIsOpenedAgain(boolean isBlocking, Accept accept) {
    try (var listeners = new Listeners(List.of(), Accept.AUTO, 2, Activation.of(Map.of()))) {
      SocketAddressBytes address = freeAddress();
      ListenerCall.Hidden own = ListenerCall.hidden(address, 0, "");
      assertThat(FileCall.setBlocking(own.descriptor(), isBlocking)).isZero();
      listeners.open(address, 0);
      listeners.prepare(address, own.descriptor(), 10);
      var borrowed = new Listeners.Borrowed(address, 0, 0, 0, own.address());
      assertThat(listeners.reopen(borrowed)).isTrue();
      assertThat(listeners.acceptAt(address)).isEqualTo(accept);

      listeners.keepOnly(Set.of());
      assertThat(listeners.reopen(borrowed)).isTrue();
      assertThat(listeners.acceptAt(address)).isEqualTo(accept);
    }
  }

  /** One that was given to a socket that is closed again. */
  private static SocketAddressBytes freeAddress() {
    byte[] any = new byte[16]; // struct sockaddr_in
    any[0] = 2; // AF_INET
    any[4] = 127;
    any[7] = 1;
    ListenerCall.Hidden hidden = ListenerCall.hidden(new SocketAddressBytes(any), 0, "");
    Pidfd.close(hidden.descriptor());
    return hidden.address();
  }
}
