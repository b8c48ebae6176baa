// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Operation;
import java.util.List;

/** The operations that receive for a stream's pipeline, of which one is in flight at a time: that which suits. Loop thread only. */
final class ReceiveOperations {
    private final UringStreamChannel channel;
    private final StreamReceiver receiver;
    private final ProvidedReceive provided;
    /** {@code null} before the first. */
    private BulkReceive bulk;
    /** {@code null} before the first. */
    private AllocatedReceive allocated;
    /** {@code null} on a channel that no descriptors are passed to. */
    private final DescriptorReceive descriptors;

    ReceiveOperations(UringStreamChannel channel, StreamReceiver receiver) {
        this.channel = channel;
        this.receiver = receiver;
        provided = new ProvidedReceive(channel, receiver);
        descriptors = channel.newDescriptorReceive(receiver);
    }

    /** Adds those that there may be; some may be {@code null}. */
    void addTo(List<Operation> operations) {
        operations.add(provided);
        operations.add(bulk);
        operations.add(allocated);
        operations.add(descriptors);
    }

    /** Whether one is in flight, or about to be. */
    boolean isBusy() {
        return provided.isInFlight()
                || (bulk != null && bulk.isInFlight())
                || (allocated != null && (allocated.isInFlight() || allocated.isHandingOn()))
                || (descriptors != null && descriptors.isInFlight());
    }

    /** None may be. */
    void submit() {
        if (channel.readsDescriptors()) {
            descriptors.submit();
        } else if (!channel.handler().providesBuffers()) {
            submitAllocated();
        } else if (provided.givesWay()) {
            if (bulk == null) {
                bulk = new BulkReceive(channel, receiver, provided);
            }
            channel.submit(bulk);
        } else {
            channel.submit(provided);
        }
    }

    /** The same, with memory of the channel's allocator. */
    void submitAllocated() {
        if (allocated == null) {
            allocated = new AllocatedReceive(channel, receiver);
        }
        channel.submit(allocated);
    }

    /** Cancels what is in flight. */
    void cancel() {
        cancel(provided);
        cancel(bulk);
        cancel(allocated);
        cancel(descriptors);
    }

    private void cancel(Operation operation) {
        if (operation != null) {
            channel.handler().ring().cancel(operation);
        }
    }

    /** The peer has closed: what may have missed that is cancelled, and the next does not. */
    void peerCloseSeen() {
        cancel(provided);
    }

    /** Whether what was received is not all that is being fetched. */
    boolean areMoreToCome() {
        return allocated != null && allocated.isReading();
    }

    /** How much the next is likely to take of the provided buffers. */
    int expectedBytes() {
        return provided.broughtBytes();
    }

    void leaveLoop() {
        provided.leaveLoop();
    }
}
