// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.KernelException;

/** The kernel refused to make a ring. The message names errno, the likely cause and what would mend it. */
public final class RingSetupException extends KernelException {
    private static final long serialVersionUID = 1L;

    RingSetupException(String call, int result) {
        super(call, result, advice(-result));
    }

    private static String advice(int errno) {
        switch (errno) {
            case Errno.EPERM:
                return ": io_uring is forbidden here, by the container's seccomp profile (allow io_uring_setup, io_uring_enter"
                        + " and io_uring_register) or by the sysctl kernel.io_uring_disabled (set it to 0)";
            case Errno.ENOMEM:
                return ": RLIMIT_MEMLOCK is used up (raise it with ulimit -l or LimitMEMLOCK=, or use fewer loops or"
                        + " smaller rings)";
            case Errno.ENOSYS:
            case Errno.EINVAL:
                return ": this kernel is " + System.getProperty("os.version") + ", and 6.1 or newer is needed";
            case Errno.EMFILE:
            case Errno.ENFILE:
                return ": no file descriptor is left (raise RLIMIT_NOFILE with ulimit -n)";
            default:
                return "";
        }
    }
}
