package dev.tine.benchmarks.accept;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/** An HTTP server with Netty: one loop accepts, two serve. */
final class NettyPages {
  private NettyPages() {}

  static void serve(boolean epoll, InetSocketAddress at, int backlog, Supplier<byte[]> page)
      throws InterruptedException {
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    Class<? extends ServerChannel> channel =
        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    EventLoopGroup acceptors = new MultiThreadIoEventLoopGroup(1, io);
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, io);
    new ServerBootstrap()
        .group(acceptors, loops)
        .channel(channel)
        .option(ChannelOption.SO_BACKLOG, backlog)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel connection) {
                connection
                    .pipeline()
                    .addLast(
                        new HttpServerCodec(), new HttpServerKeepAliveHandler(), new Answer(page));
              }
            })
        .bind(at)
        .sync();
  }

  private static final class Answer extends SimpleChannelInboundHandler<Object> {
    private final Supplier<byte[]> page;

    Answer(Supplier<byte[]> page) {
      this.page = page;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest) { // its end comes by itself
        byte[] bytes = page.get();
        var response =
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(bytes));
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
        var _ = context.writeAndFlush(response); // whose failure ends the connection
      }
    }
  }
}
