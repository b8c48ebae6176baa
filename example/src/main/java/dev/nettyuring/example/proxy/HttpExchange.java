// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.example.proxy.HttpBody.MalformedException;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * One client's connection and the one to the origin that serves it: one request and its response after the other. Both are on
 * one event loop. Request and response may overlap; the next request, pipelined or not, is not read before both are over.
 */
final class HttpExchange {
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int LINGER_SECONDS = 2;

    private final InetSocketAddress originAddress;
    private final HttpInput clientInput = new HttpInput(this);
    private HttpInput originInput;
    private UringSocketChannel client;
    private UringSocketChannel origin;

    private String method;
    private boolean keepAlive;
    private boolean reusable;
    private boolean requestRelayed;
    /** From the moment when a request is read until its response is complete. */
    private boolean underWay;

    private boolean responseBegun;
    private boolean over;

    HttpExchange(InetSocketAddress originAddress) {
        this.originAddress = originAddress;
    }

    /** Reads from a connection that was just accepted. */
    HttpInput clientInput() {
        return clientInput;
    }

    void begin(UringSocketChannel client) {
        this.client = client;
        clientInput.readHead(this::request);
    }

    private void request(ByteBuf bytes) throws MalformedException {
        underWay = true;
        responseBegun = false;
        requestRelayed = false;
        HttpHead head = HttpHead.request(bytes);
        method = head.method();
        keepAlive = head.isKeepAlive();
        HttpBody body = head.requestBody();
        if (method.equals("CONNECT")) {
            refuse(HttpResponseStatus.NOT_IMPLEMENTED);
            return;
        }
        ByteBuf encoded = head.encode(client.alloc(), false);
        if (origin != null) {
            send(encoded, body);
        } else {
            connect(encoded, body);
        }
    }

    private void connect(ByteBuf head, HttpBody body) {
        HttpInput input = new HttpInput(this);
        new Bootstrap()
                .group(client.eventLoop())
                .channel(UringSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .handler(input)
                .connect(originAddress)
                .addListener((ChannelFutureListener) connected -> connected(connected, input, head, body));
    }

    private void connected(ChannelFuture connected, HttpInput input, ByteBuf head, HttpBody body) {
        if (over || !connected.isSuccess()) {
            head.release();
            connected.channel().close();
            failed();
            return;
        }
        origin = (UringSocketChannel) connected.channel();
        originInput = input;
        send(head, body);
    }

    private void send(ByteBuf head, HttpBody body) {
        origin.write(head, origin.voidPromise());
        originInput.readHead(this::response);
        clientInput.relay(body, origin, () -> requestRelayed = true);
    }

    private void response(ByteBuf bytes) throws MalformedException {
        HttpHead head = HttpHead.response(bytes);
        int status = head.status();
        if (status == SWITCHING_PROTOCOLS) {
            throw new MalformedException("nobody asked for an upgrade");
        }
        HttpBody body = head.responseBody(method);
        if (status < HttpResponseStatus.OK.code()) { // 100 (Continue), which the client waits for, and the like
            client.writeAndFlush(head.encode(client.alloc(), false), client.voidPromise());
            originInput.readHead(this::response);
            return;
        }
        responseBegun = true;
        reusable = head.isReusable() && body.certain() != HttpBody.UNTIL_THE_END;
        keepAlive = keepAlive && body.certain() != HttpBody.UNTIL_THE_END;
        client.write(head.encode(client.alloc(), !keepAlive), client.voidPromise());
        originInput.relay(body, client, this::responseRelayed);
    }

    private void responseRelayed() {
        underWay = false;
        if (!requestRelayed || !keepAlive) { // what is left of the request, if anything, is nobody's
            end();
            return;
        }
        if (!reusable || originInput.hasMore()) {
            forgetOrigin();
        }
        clientInput.readHead(this::request);
    }

    /** One side takes bytes again, or does not. */
    void writabilityChanged() {
        if (!over) {
            clientInput.resume();
            if (originInput != null) {
                originInput.resume();
            }
        }
    }

    /** Somebody does not speak HTTP as it is to be spoken. */
    void malformed(HttpInput input) {
        if (input == clientInput && !responseBegun) {
            refuse(HttpResponseStatus.BAD_REQUEST);
        } else {
            failed();
        }
    }

    /** A connection is closed. */
    void closed(HttpInput input) {
        if (input == clientInput) {
            over = true;
            forgetOrigin();
        } else if (input == originInput) {
            forgetOrigin();
            if (underWay) {
                failed();
            }
        }
    }

    /** The origin cannot be reached, or does not finish what it began. */
    void failed() {
        if (over) {
            return;
        }
        if (!responseBegun) {
            refuse(HttpResponseStatus.BAD_GATEWAY);
            return;
        }
        over = true;
        forgetOrigin();
        client.config().setSoLinger(0); // the client must not take it for the end of a response
        client.close();
    }

    private void refuse(HttpResponseStatus status) {
        String text = "HTTP/1.1 " + status + "\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        client.writeAndFlush(ByteBufUtil.writeAscii(client.alloc(), text), client.voidPromise());
        end();
    }

    /** After the last response. A connection that is closed with unread bytes in it would take the response along. */
    private void end() {
        over = true;
        forgetOrigin();
        clientInput.discard();
        client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            client.shutdownOutput();
            client.eventLoop().schedule(() -> client.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        });
    }

    private void forgetOrigin() {
        UringSocketChannel forgotten = origin;
        origin = null;
        originInput = null;
        if (forgotten != null) {
            forgotten.close();
        }
    }

    /** Begins when a connection becomes active. */
    static final class Front extends ChannelInboundHandlerAdapter {
        private final HttpExchange exchange;

        Front(HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.pipeline().remove(this);
            exchange.begin((UringSocketChannel) ctx.channel());
        }
    }
}
