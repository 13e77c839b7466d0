package dev.tine.benchmarks.stress;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Two Netty servers under load, on Java's selectors and on Netty's own native epoll: clients in the
 * same process send a byte, wait for its echo, and send the next.
 */
final class NettyEcho {
  private static final int CLIENTS = 8;
  private static final int ROUNDS = 5;

  private final List<Side> sides = new ArrayList<>();

  NettyEcho() throws Exception {
    sides.add(
        new Side(
            "NIO",
            NioIoHandler.newFactory(),
            NioServerSocketChannel.class,
            NioSocketChannel.class));
    sides.add(
        new Side(
            "native epoll",
            EpollIoHandler.newFactory(),
            EpollServerSocketChannel.class,
            EpollSocketChannel.class));
    for (Side side : sides) {
      SocketAddress server = side.bind().localAddress();
      for (int i = 0; i < CLIENTS; i++) {
        Client client = new Client(side.load, Long.MAX_VALUE, 2);
        await(side.connect(server, client));
      }
    }
  }

  /**
   * In the process that started them, the clients go on; in any, new servers and clients work in
   * the old event loops.
   */
  void check() throws Exception {
    for (Side side : sides) {
      if (Home.isHere()) {
        side.load.awaitNext();
      }
      Channel server = side.bind();
      Client client = new Client(new Pulse("new client of Netty, " + side.name), ROUNDS, 0);
      Channel connection = await(side.connect(server.localAddress(), client));
      try {
        client.over.get(Pulse.LIMIT.toSeconds(), TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        throw new TimeoutException("an echo of Netty, " + side.name);
      }
      await(connection.close());
      await(server.close());
    }
  }

  private static Channel await(ChannelFuture future) throws IOException, TimeoutException {
    if (!future.awaitUninterruptibly(Pulse.LIMIT.toMillis())) {
      throw new TimeoutException("Netty: " + future);
    }
    if (future.cause() != null) {
      throw new IOException("Netty", future.cause());
    }
    return future.channel();
  }

  /** One kind of event loop. */
  private static final class Side {
    final String name;
    final Pulse load;
    private final EventLoopGroup loops;
    private final Class<? extends ServerChannel> serverType;
    private final Class<? extends Channel> clientType;

    Side(
        String name,
        IoHandlerFactory factory,
        Class<? extends ServerChannel> serverType,
        Class<? extends Channel> clientType) {
      this.name = name;
      this.load = new Pulse("clients of Netty, " + name);
      this.loops =
          new MultiThreadIoEventLoopGroup(
              2, Thread.ofPlatform().daemon().name("netty-", 0).factory(), factory);
      this.serverType = serverType;
      this.clientType = clientType;
    }

    Channel bind() throws IOException, TimeoutException {
      return await(
          new ServerBootstrap()
              .group(loops)
              .channel(serverType)
              .childHandler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      channel.pipeline().addLast(new Echo());
                    }
                  })
              .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    ChannelFuture connect(SocketAddress server, ChannelHandler handler) {
      return new Bootstrap().group(loops).channel(clientType).handler(handler).connect(server);
    }
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var _ = context.writeAndFlush(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }
  }

  private static final class Client extends ChannelInboundHandlerAdapter {
    final CompletableFuture<Long> over = new CompletableFuture<>();
    private final Pulse pulse;
    private final long rounds;
    private final int pauseMillis;
    private final boolean atHome = Home.isHere();
    private long done;

    Client(Pulse pulse, long rounds, int pauseMillis) {
      this.pulse = pulse;
      this.rounds = rounds;
      this.pauseMillis = pauseMillis;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      send(context);
    }

    private void send(ChannelHandlerContext context) {
      var _ = context.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {(byte) done}));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf echo = (ByteBuf) message;
      byte value = echo.readByte();
      echo.release();
      if (value != (byte) done) {
        Home.wrong(pulse.name(), new IllegalStateException("the echo of " + done + " is " + value));
      }
      pulse.beat();
      if (++done == rounds) {
        over.complete(done);
        return;
      }
      var _ = context.executor().schedule(() -> send(context), pauseMillis, TimeUnit.MILLISECONDS);
    }

    /** The connections of the load are dead in a child, and must not be in their own process. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fail(new IOException("the connection was closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      fail(cause);
      var _ = context.close();
    }

    private void fail(Throwable cause) {
      if (over.isDone()) {
        return;
      }
      over.completeExceptionally(cause);
      if (Home.isHere() == atHome && Home.isHere()) {
        Home.wrong(pulse.name(), cause);
      }
    }
  }
}
