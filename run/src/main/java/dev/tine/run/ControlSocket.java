package dev.tine.run;

import dev.tine.sys.Errno;
import dev.tine.sys.Message;
import dev.tine.sys.Pidfd;
import dev.tine.sys.SystemCallException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The monitor's end of the socket by which a worker takes orders.
 *
 * <p>For the loop's thread. Its worker may be stopped, and a socket that is full holds up who
 * sends: so whoever sends an order waits for the answer before the next one.
 */
final class ControlSocket implements AutoCloseable {
  private final Loop loop;
  private final int fd;
  private final Map<Message.Type, Consumer<Message>> listeners = new EnumMap<>(Message.Type.class);
  private boolean isOpen = true;

  /**
   * @param fd from now on this object's
   */
  ControlSocket(Loop loop, int fd) {
    this.loop = loop;
    this.fd = fd;
    loop.watch(fd, this::receive);
  }

  /** Hears all messages of a type from now on, on the loop. */
  void on(Message.Type type, Consumer<Message> listener) {
    listeners.put(type, listener);
  }

  /** Does nothing if the worker has ended, which its exit tells. */
  void send(Message message) {
    if (isOpen) {
      try {
        message.send(fd, -1);
      } catch (SystemCallException e) {
        loop.unwatch(fd);
      }
    }
  }

  private void receive() {
    Message message;
    try {
      Message.Received received = Message.receive(fd);
      if (received.descriptor() >= 0) {
        Pidfd.close(received.descriptor()); // nobody asked for it
      }
      message = received.message();
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EPROTO) {
        loop.unwatch(fd); // it has ended, or the program has closed it
      }
      return;
    }
    Consumer<Message> listener = listeners.get(message.type());
    if (listener != null) {
      listener.accept(message);
    }
  }

  /** Idempotent. */
  @Override
  public void close() {
    if (isOpen) {
      isOpen = false;
      // Before it is closed: another file may get its number, and would be read from.
      loop.unwatch(fd);
      Pidfd.close(fd);
    }
  }
}
