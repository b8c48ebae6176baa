// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Host;
import dev.nettyuring.jni.KernelException;

/** The kernel refused to make a ring. The message names errno, the likely cause and what would mend it. */
public final class RingSetupException extends KernelException {
    private static final long serialVersionUID = 1L;

    RingSetupException(String call, int result, int sqEntries, int cqEntries) {
        super(call, result, SetupAdvice.of(-result, sqEntries, cqEntries, Host.current()));
    }
}
