// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.example.ident;

import java.nio.charset.StandardCharsets;

/**
 * What an ident server knows of a connection.
 *
 * @param text as it stands behind the ports
 */
public record IdentReply(String text) {
    /** What was asked for is no pair of ports. */
    public static final IdentReply INVALID_PORT = new IdentReply("ERROR:INVALID-PORT");
    /** There is no such connection, or nobody in particular has it. */
    public static final IdentReply NO_USER = new IdentReply("ERROR:NO-USER");
    /** The user does not want to be known. */
    public static final IdentReply HIDDEN_USER = new IdentReply("ERROR:HIDDEN-USER");
    /** It cannot be found out. */
    public static final IdentReply UNKNOWN_ERROR = new IdentReply("ERROR:UNKNOWN-ERROR");

    private static final int MAX_ID_BYTES = 512;

    /** The user with that name, by which this machine's mail and logs know him. */
    public static IdentReply user(String name) {
        boolean ascii = StandardCharsets.US_ASCII.newEncoder().canEncode(name);
        return new IdentReply((ascii ? "USERID:UNIX:" : "USERID:UNIX,UTF-8:") + sendable(name));
    }

    /** Somebody whom only this machine can tell who it is. */
    public static IdentReply token(String token) {
        return new IdentReply("USERID:OTHER:" + sendable(token));
    }

    /** An id must not hold what ends a reply, nor be longer than clients have to take (RFC 1413, note 3). */
    private static String sendable(String id) {
        if (id.isEmpty() || id.chars().anyMatch(c -> c == 0 || c == '\r' || c == '\n')) {
            throw new IllegalArgumentException("not an id of a user: " + id);
        }
        String start = id;
        while (start.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) {
            start = start.substring(0, start.offsetByCodePoints(start.length(), -1));
        }
        return start;
    }
}
