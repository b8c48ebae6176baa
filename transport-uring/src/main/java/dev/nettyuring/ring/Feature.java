// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import io.netty.util.internal.SystemPropertyUtil;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What newer kernels than the oldest supported one (6.1) bring and this transport makes use of. Each is found by trying
 * it, never by the kernel's version, and each can be switched off:
 * {@code -Ddev.nettyuring.disable=PBUF_INC,NO_SQARRAY} makes everything run as on a kernel without them.
 */
public enum Feature {
    /** The ring's fd is registered with its thread, which spares each io_uring_enter(2) a look-up (5.18). */
    REGISTERED_RING("io_uring_enter without looking up the fd", "5.18"),
    /** A loop that waits is idle in the machine's statistics, not waiting for a disk (6.15). */
    NO_IOWAIT("an idle event loop does not count as waiting for I/O (iowait)", "6.15"),
    /** The kernel picks receive buffers from a ring when data arrives (5.19). */
    PBUF_RING("the kernel picks a receive buffer when data arrives", "5.19"),
    /** The submission queue has no index array in front of it (6.6). */
    NO_SQARRAY("a submission queue without an index array", "6.6"),
    /** Sends whose memory the network card reads itself, and that report whether it did (SEND_ZC 6.0, SENDMSG_ZC 6.1, the report 6.2). */
    SEND_ZC("zero-copy sends", "6.2"),
    /** Memory is registered with the ring, so that its pages need not be looked up at each send (5.19). */
    FIXED_BUFFERS("zero-copy sends from registered memory", "5.19"),
    /** Several pieces of registered memory go out in one zero-copy send (SENDMSG_ZC, 6.15). */
    FIXED_SENDMSG("one zero-copy send of several pieces of registered memory", "6.15"),
    /** One ring takes over what another has registered (6.12; entry by entry: 6.13). */
    CLONE_BUFFERS("event loops share registered memory", "6.13"),
    /**
     * A provided buffer is consumed piece by piece, so that small messages share one (6.12, where completions keep their
     * order: 6.12.29, 6.14.7, 6.15).
     */
    PBUF_INC("small messages share a receive buffer", "6.12"),
    /** The kernel tells how much of a file is in the page cache (cachestat(2), 6.5). */
    CACHESTAT("cached files are sent without a copy or another thread", "6.5");

    /** The system property that names, separated by commas, the features to do without. */
    public static final String DISABLE_PROPERTY = "dev.nettyuring.disable";

    private final String use;
    private final String sinceKernel;

    Feature(String use, String sinceKernel) {
        this.use = use;
        this.sinceKernel = sinceKernel;
    }

    /** What it is good for, in a few words. */
    public String use() {
        return use;
    }

    /** The first kernel release that has it, such as {@code 6.12}. */
    public String sinceKernel() {
        return sinceKernel;
    }

    /**
     * All features that {@link #DISABLE_PROPERTY} does not name.
     *
     * @throws IllegalArgumentException if it names something that is not a feature
     */
    public static Set<Feature> allowed() {
        Set<Feature> allowed = EnumSet.allOf(Feature.class);
        for (String name : SystemPropertyUtil.get(DISABLE_PROPERTY, "").split(",")) {
            if (!name.isBlank()) {
                allowed.remove(named(name.trim()));
            }
        }
        return Collections.unmodifiableSet(allowed);
    }

    private static Feature named(String name) {
        try {
            return valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "-D" + DISABLE_PROPERTY + ": " + name + " (expected: any of " + EnumSet.allOf(Feature.class) + ")",
                    e);
        }
    }
}
