// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import io.netty.channel.Channel;

/** Reading that another thread than the loop switches off. */
final class AutoRead {
    private AutoRead() {}

    /**
     * Switches it off, and waits until the loop knows: its turn looks at what arrived before it looks at its tasks, and would
     * read what is sent right after.
     */
    static void off(Channel channel) throws InterruptedException {
        channel.config().setAutoRead(false);
        channel.eventLoop().submit(() -> {}).sync();
    }
}
