// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

/**
 * A user event: the channel's event loop has lent all the receive memory it may, and handlers have not given it back, so
 * that this channel's reading pauses. It is fired once a pause, and reading goes on by itself when something is released.
 * Whoever keeps what it received for long can take this as a sign to let go of some, or to close slow connections.
 *
 * @see UringConfig.Builder#receiveMemoryLimit(long)
 * @see UringConfig.Builder#exhaustion(UringConfig.Exhaustion)
 */
public final class UringBufferExhausted {
    private final long receiveMemory;

    UringBufferExhausted(long receiveMemory) {
        this.receiveMemory = receiveMemory;
    }

    /** How much receive memory the loop has, in bytes, of the kind that this channel receives into: all of it is in use. */
    public long receiveMemory() {
        return receiveMemory;
    }

    @Override
    public String toString() {
        return "UringBufferExhausted(" + receiveMemory + " bytes in use)";
    }
}
