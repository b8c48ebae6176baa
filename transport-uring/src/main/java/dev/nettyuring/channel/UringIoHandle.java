// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoRegistration;

/** The only kind of {@link IoHandle} that a {@link UringIoHandler} takes. */
@SuppressWarnings("try") // close() throws what IoHandle's does
public interface UringIoHandle extends IoHandle {
    /**
     * Never called: a completion goes to the operation that was submitted, which knows what it is for.
     *
     * @throws UnsupportedOperationException always
     */
    @Override
    default void handle(IoRegistration registration, IoEvent event) {
        throw new UnsupportedOperationException("completions go to their operations");
    }

    /**
     * Taking in a completion threw, as it may for want of heap memory: what that brought may be lost. It was logged; nothing
     * else happens by default. Called by the event loop.
     */
    default void threw(Throwable cause) {}
}
