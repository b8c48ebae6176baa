// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Host;

/** Why the kernel makes no ring, as far as the machine tells, and what would mend that. */
final class SetupAdvice {
    private static final String CALLS = "io_uring_setup, io_uring_enter and io_uring_register";
    private static final int KIB = 1024;

    private SetupAdvice() {}

    /** What to add to the error's own text; empty where nothing helps. */
    static String of(int errno, int sqEntries, int cqEntries, Host host) {
        switch (errno) {
            case Errno.EPERM:
                return ": " + forbidden(host);
            case Errno.EACCES:
                return ": " + securityModule();
            case Errno.ENOMEM:
                return ": " + noMemory(RingSize.bytes(sqEntries, cqEntries) / KIB, host);
            case Errno.ENOSYS:
                return ": " + unknownCall(host);
            case Errno.EINVAL:
                return ": "
                        + (host.isKernelTooOld()
                                ? tooOld(host)
                                : "this kernel, " + host.kernelRelease() + ", refuses the ring's size or flags");
            case Errno.EMFILE:
            case Errno.ENFILE:
                return Errno.advice(errno);
            default:
                return "";
        }
    }

    private static String forbidden(Host host) {
        int disabled = host.ioUringDisabled().orElse(0);
        if (host.isIoUringSwitchedOff() || (disabled != 0 && !host.hasSeccompFilter())) {
            return "io_uring is switched off by the sysctl kernel.io_uring_disabled=" + disabled + "; switch it on with"
                    + " sysctl kernel.io_uring_disabled=0"
                    + (disabled == 1 ? ", or name a group of this user's in kernel.io_uring_group" : "");
        }
        if (host.hasSeccompFilter()) {
            return "a seccomp filter forbids io_uring, as container runtimes' default profiles do; allow " + CALLS
                    + " in the container's profile";
        }
        return securityModule();
    }

    private static String securityModule() {
        return "a security module, such as SELinux, forbids io_uring; its log says which rule to change";
    }

    private static String noMemory(long ringKib, Host host) {
        Host.Limit limit = host.lockedMemory();
        if (host.mayLockAnyMemory() || limit.isUnlimited()) {
            return "the kernel has no memory for the ring's " + ringKib
                    + " KiB; the machine's, or the control group's (memory.max), is used up";
        }
        return "RLIMIT_MEMLOCK is used up: the ring needs " + ringKib
                + " KiB, and all of this user's together may have "
                + limit.soft() / KIB + " KiB (raise it with ulimit -l, LimitMEMLOCK= in systemd or --ulimit memlock= in"
                + " Docker, or use fewer loops or smaller rings)";
    }

    private static String unknownCall(Host host) {
        if (host.isKernelTooOld()) {
            return tooOld(host);
        }
        if (host.hasSeccompFilter()) {
            return "a seccomp filter hides io_uring; allow " + CALLS + " in the container's profile";
        }
        return "this kernel, " + host.kernelRelease() + ", was built without io_uring (CONFIG_IO_URING)";
    }

    private static String tooOld(Host host) {
        return "this kernel is " + host.kernelRelease() + ", and " + Host.OLDEST_KERNEL + " or newer is needed";
    }
}
