// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

/**
 * A user event: there is no receive memory for this channel, since its event loop has lent all that it may, and handlers have
 * not given it back, or since the machine has no more. With {@link UringConfig.Exhaustion#PAUSE} the channel's reading pauses,
 * and goes on by itself when there is some. With {@link UringConfig.Exhaustion#ALLOCATE} it goes on with allocated memory. The
 * event is fired once, and then not before the channel has received into a buffer of its loop's again. Whoever keeps what it
 * received for long can take this as a sign to let go of some, or to close slow connections.
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
