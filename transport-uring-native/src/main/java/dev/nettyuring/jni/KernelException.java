// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import java.io.IOException;

/** The kernel refused something, and {@link #errno()} says why. */
public class KernelException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * @param result what the call returned: {@code -errno}
     * @param advice what would mend it; may be empty
     */
    public KernelException(String call, int result, String advice) {
        super(Errno.message(call, result) + advice);
        errno = -result;
    }

    /** The error number, positive. */
    public final int errno() {
        return errno;
    }
}
