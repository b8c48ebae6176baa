// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.example.proxy.HttpBody.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetSocketAddress;

/**
 * One client's connection and the one to the origin that serves it: one request and its response after the other. Both are on
 * one event loop. Request and response may overlap; the next request, pipelined or not, is not read before both are over.
 */
final class HttpExchange {
    private final ClientConnection client;
    private final OriginConnection origin;

    private String method;
    private boolean keepAlive;
    private boolean requestRelayed;
    /** From the moment when a request is read until its response is complete. */
    private boolean underWay;

    private boolean responseBegun;
    private boolean over;

    HttpExchange(UringSocketChannel client, InetSocketAddress originAddress) {
        this.client = new ClientConnection(this, client);
        origin = new OriginConnection(this, originAddress);
    }

    /** A connection can be read from. */
    void opened(HttpInput input) {
        if (input == client.input()) {
            client.input().readHead(this::request);
        }
    }

    private void request(ByteBuf bytes) throws MalformedException {
        underWay = true;
        responseBegun = false;
        requestRelayed = false;
        HttpHead head = HttpHead.request(bytes);
        method = head.method();
        keepAlive = head.isKeepAlive();
        HttpBody body = HttpFraming.ofRequest(head);
        if (method.equals("CONNECT")) {
            refuse(HttpResponseStatus.NOT_IMPLEMENTED);
            return;
        }
        ByteBuf encoded = head.encode(client.channel().alloc(), false);
        origin.open(client.channel().eventLoop(), connected -> {
            if (connected && !over) {
                send(encoded, body);
            } else {
                encoded.release();
                origin.forget();
                failed();
            }
        });
    }

    private void send(ByteBuf head, HttpBody body) {
        UringSocketChannel to = origin.channel();
        to.write(head, to.voidPromise());
        origin.input().readHead(this::response);
        client.input().relay(body, to, () -> requestRelayed = true);
    }

    private void response(ByteBuf bytes) throws MalformedException {
        UringSocketChannel to = client.channel();
        HttpHead head = HttpHead.response(bytes);
        HttpBody body = HttpFraming.ofResponse(head, method);
        if (head.status() < HttpResponseStatus.OK.code()) { // 100 (Continue), which the client waits for, and the like
            to.writeAndFlush(head.encode(to.alloc(), false), to.voidPromise());
            origin.input().readHead(this::response);
            return;
        }
        boolean untilTheEnd = body.certain() == HttpBody.UNTIL_THE_END;
        responseBegun = true;
        boolean reusable = head.isReusable() && !untilTheEnd;
        keepAlive = keepAlive && !untilTheEnd;
        to.write(head.encode(to.alloc(), !keepAlive), to.voidPromise());
        origin.input().relay(body, to, () -> responseRelayed(reusable));
    }

    private void responseRelayed(boolean reusable) {
        underWay = false;
        if (!requestRelayed || !keepAlive) { // what is left of the request, if anything, is nobody's
            abandon();
            client.end();
            return;
        }
        if (!reusable || origin.input().hasMore()) {
            origin.forget();
        }
        client.input().readHead(this::request);
    }

    /** One side takes bytes again, or does not. */
    void writabilityChanged() {
        if (!over) {
            client.input().resume();
            origin.resume();
        }
    }

    /** Somebody does not speak HTTP as it is to be spoken. */
    void malformed(HttpInput input) {
        if (input == client.input() && !responseBegun) {
            refuse(HttpResponseStatus.BAD_REQUEST);
        } else {
            failed();
        }
    }

    /** A connection is closed. */
    void closed(HttpInput input) {
        if (input == client.input()) {
            abandon();
        } else if (input == origin.input()) {
            origin.forget();
            if (underWay) {
                failed();
            }
        }
    }

    /** The origin cannot be reached, or does not finish what it began. */
    void failed() {
        if (!over && responseBegun) {
            abandon();
            client.reset();
        } else if (!over) {
            refuse(HttpResponseStatus.BAD_GATEWAY);
        }
    }

    private void refuse(HttpResponseStatus status) {
        abandon();
        client.refuse(status);
    }

    private void abandon() {
        over = true;
        origin.forget();
    }
}
