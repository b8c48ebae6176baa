// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import java.net.SocketException;

/**
 * EPIPE: the connection that was to be written to is over. Why, the kernel tells only once, be it to a write or to a read: it may
 * have been told already.
 */
public final class BrokenPipeException extends SocketException {
    private static final long serialVersionUID = 1;

    BrokenPipeException(String message) {
        super(message);
    }
}
