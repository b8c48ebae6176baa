// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.proxy;

import dev.nettyuring.example.proxy.HttpBody.MalformedException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;

/** Tells from a head how long the body behind it is, RFC 9112 section 6.3. */
final class HttpFraming {
    private static final int SWITCHING_PROTOCOLS = 101;

    private HttpFraming() {}

    /** The body of a request. */
    static HttpBody ofRequest(HttpHead head) throws MalformedException {
        return body(head.headers(), 0);
    }

    /** The body of the response to a request with that method. */
    static HttpBody ofResponse(HttpHead head, String method) throws MalformedException {
        int status = head.status();
        if (status == SWITCHING_PROTOCOLS) {
            throw new MalformedException("nobody asked for an upgrade");
        }
        boolean none = method.equals("HEAD") || status < 200 || status == 204 || status == 304;
        HttpBody body = body(head.headers(), HttpBody.UNTIL_THE_END);
        return none ? HttpBody.ofLength(0) : body;
    }

    /** Two lengths, or a length and chunks, are how requests are smuggled. */
    private static HttpBody body(HttpHeaders headers, long lengthIfUntold) throws MalformedException {
        List<String> encodings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        if (encodings.size() + lengths.size() > 1) {
            throw new MalformedException("several lengths");
        }
        if (!encodings.isEmpty()) {
            if (!encodings.get(0).equalsIgnoreCase("chunked")) {
                throw new MalformedException("transfer-encoding: " + encodings.get(0));
            }
            return HttpBody.chunked();
        }
        if (lengths.isEmpty()) {
            return HttpBody.ofLength(lengthIfUntold);
        }
        if (!lengths.get(0).matches("[0-9]{1,18}")) {
            throw new MalformedException("content-length: " + lengths.get(0));
        }
        return HttpBody.ofLength(Long.parseLong(lengths.get(0)));
    }

    /** What tells the body's length stays, whoever names it. */
    static boolean isFraming(String header) {
        return HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(header)
                || HttpHeaderNames.TRANSFER_ENCODING.contentEqualsIgnoreCase(header);
    }
}
