// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import dev.nettyuring.example.proxy.HttpBody.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The head of a request or response: its first line, and its headers. Strict, so that both neighbours read it alike. */
final class HttpHead {
    private static final Pattern REQUEST_LINE =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~]+) (HTTP/1\\.[01])");
    private static final Pattern STATUS_LINE =
            Pattern.compile("(HTTP/1\\.[01]) ([1-9][0-9]{2})( [\\x20-\\x7e\\t\\x80-\\xff]*)?");
    private static final Pattern HEADER = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*([^\\r\\n]*?)[ \\t]*");

    /** What concerns one connection, and is not passed on to the next. */
    private static final List<String> HOP_BY_HOP = List.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "upgrade");

    private static final int MAX_BYTES = 64 << 10;

    /** Takes a head's bytes, which are its only during the call. */
    interface Consumer {
        void accept(ByteBuf head) throws MalformedException;
    }

    private final String[] start;
    private final HttpHeaders headers;

    private HttpHead(String[] start, HttpHeaders headers) {
        this.start = start;
        this.headers = headers;
    }

    /** Where a head ends, behind the empty line; -1 if it is not there yet. */
    static int endIn(ByteBuf bytes) throws MalformedException {
        for (int at = bytes.readerIndex(); at < bytes.writerIndex(); ) {
            int lineFeed = bytes.indexOf(at, bytes.writerIndex(), (byte) '\n');
            if (lineFeed < 0) {
                break;
            }
            at = lineFeed + 1;
            if (at - bytes.readerIndex() >= Integer.BYTES && bytes.getInt(at - Integer.BYTES) == 0x0d0a0d0a) {
                return at;
            }
        }
        if (bytes.readableBytes() > MAX_BYTES) {
            throw new MalformedException("head longer than " + MAX_BYTES + " bytes");
        }
        return -1;
    }

    static HttpHead request(ByteBuf bytes) throws MalformedException {
        return parse(bytes, REQUEST_LINE);
    }

    static HttpHead response(ByteBuf bytes) throws MalformedException {
        return parse(bytes, STATUS_LINE);
    }

    private static HttpHead parse(ByteBuf bytes, Pattern startLine) throws MalformedException {
        String[] lines = bytes.toString(StandardCharsets.ISO_8859_1).split("\r\n");
        Matcher start = startLine.matcher(lines[0]);
        if (!start.matches()) {
            throw new MalformedException("first line: " + lines[0]);
        }
        HttpHeaders headers = new DefaultHttpHeaders();
        for (int i = 1; i < lines.length; i++) {
            Matcher header = HEADER.matcher(lines[i]);
            if (!header.matches()) {
                throw new MalformedException("header: " + lines[i]);
            }
            try {
                headers.add(header.group(1), header.group(2));
            } catch (IllegalArgumentException e) {
                throw new MalformedException("header: " + lines[i]);
            }
        }
        return new HttpHead(new String[] {start.group(1), start.group(2), start.group(3)}, headers);
    }

    String method() {
        return start[0];
    }

    int status() {
        return Integer.parseInt(start[1]);
    }

    HttpHeaders headers() {
        return headers;
    }

    /** Of a request: whether the client wants the connection to stay. */
    boolean isKeepAlive() {
        return start[2].equals("HTTP/1.1") && !mayClose();
    }

    /** Of a response: whether the connection to the origin can be used again. */
    boolean isReusable() {
        return start[0].equals("HTTP/1.1") && !mayClose();
    }

    private boolean mayClose() {
        return headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
    }

    /** As it is passed on. */
    ByteBuf encode(ByteBufAllocator allocator, boolean close) {
        for (String named : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String header : named.split(",")) {
                if (!header.isBlank() && !HttpFraming.isFraming(header.trim())) {
                    headers.remove(header.trim());
                }
            }
        }
        HOP_BY_HOP.forEach(headers::remove);
        if (close) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        StringBuilder text = new StringBuilder(start[0]).append(' ').append(start[1]);
        if (start[2] != null) {
            text.append(start[2].startsWith(" ") ? "" : " ").append(start[2]);
        }
        text.append("\r\n");
        for (Map.Entry<String, String> header : headers) {
            text.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
        }
        ByteBuf bytes = allocator.buffer(text.length() + 2);
        bytes.writeCharSequence(text.append("\r\n"), StandardCharsets.ISO_8859_1);
        return bytes;
    }
}
