// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Submission;
import io.netty.buffer.ByteBuf;

/**
 * RECV from the loop's provided buffers: multishot, with a completion for every piece that arrives, until the peer is seen to
 * close; from then on one after another, which always tell of the end. Who waited in line for a whole buffer receives once.
 * Finds out what a channel gets, and gives way to {@link BulkReceive} if that is bulk. Loop thread only.
 */
final class ProvidedReceive extends Operation {
    private final UringStreamChannel channel;
    private final StreamReceiver receiver;
    /** {@code null} before the first piece, and where the loop has one group only before the first bulk. */
    private GroupChoice choice;
    /** The group that it receives into, until its last completion. */
    private BufferSupply supply;
    /** The last turn of the loop that brought anything. */
    private long turn;
    /** In that turn. */
    private int bytes;
    /** Since it was submitted. */
    private boolean broughtAny;
    /** There was no buffer: the next bytes are to come from here, since who waits in line waits for one of the ring's. */
    private boolean waited;

    ProvidedReceive(UringStreamChannel channel, StreamReceiver receiver) {
        this.channel = channel;
        this.receiver = receiver;
    }

    @Override
    protected void encode(Submission sqe) {
        supply = chosenSupply();
        broughtAny = false;
        // a buffer of one's own is one's turn of the line; a multishot RECV would take those of who was woken next
        boolean isTurn = waited && !supply.buffers().isShared();
        int multishot = receiver.isPeerClosing() || isTurn ? 0 : Abi.IORING_RECV_MULTISHOT;
        sqe.operation(Abi.IORING_OP_RECV, channel.socket().fd())
                .flags(Abi.IOSQE_BUFFER_SELECT)
                .ioprio(broughtMuch() ? multishot | Abi.IORING_RECVSEND_POLL_FIRST : multishot)
                .bufferGroup(supply.buffers().group());
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        if ((flags & Abi.IORING_CQE_F_BUFFER) != 0 && result < 0) {
            supply.buffers().discard(flags);
        } else if ((flags & Abi.IORING_CQE_F_BUFFER) != 0) {
            ByteBuf piece =
                    supply.buffers().take(flags, result, channel.config().getAllocator());
            if (piece != null) {
                broughtAny = true;
                waited = false;
                receiver.fed();
                count(result);
                piece.touch(this); // for the leak detector, should it track it
                choose(result);
                receiver.received(piece);
            }
        }
        if (!last || !channel.isOpen()) {
            return;
        }
        if (result > 0 || Errno.isTransient(-result)) {
            receiver.goOn();
        } else if (result == -Errno.ENOBUFS) {
            if (channel.isOnLoop()) {
                outOfBuffers();
            } // else its next loop tries
        } else {
            receiver.streamEnded(result);
        }
    }

    /** How much it was given in the turn in which it was last given anything. */
    int broughtBytes() {
        return bytes;
    }

    private boolean broughtMuch() {
        return bytes >= FairShare.MANY_BYTES;
    }

    private void count(int received) {
        if (!channel.isOnLoop()) {
            return;
        }
        long now = channel.handler().metrics().turns();
        bytes = now == turn ? bytes + received : received;
        turn = now;
    }

    /** The group that suits the channel. */
    BufferSupply chosenSupply() {
        BufferGroups groups = channel.handler().groups();
        return isBulk() && groups.areTwo() ? groups.bulk() : groups.messages();
    }

    private boolean isBulk() {
        return choice != null && choice.isBulk();
    }

    /** Whether the channel gets bulk, and there are buffers that suit that. */
    boolean givesWay() {
        return isBulk() && !waited && hasBulkBuffers();
    }

    private boolean hasBulkBuffers() {
        return chosenSupply().buffers().calls().haveBuffersOf(BulkReceive.MIN_BUFFER_SIZE);
    }

    /** No buffer is free but those of the ring, for which others may wait already. */
    void standIn() {
        supply = chosenSupply();
        if (supply.isAwaited()) {
            waited = true;
            receiver.starve(supply);
        } else {
            channel.submit(this);
        }
    }

    /** Bytes of that number came. If they are better received otherwise, that begins after its end. */
    private void choose(int received) {
        if (!channel.canSubmit()) {
            return;
        }
        if (isToChange(received)) {
            choice = choice != null ? choice : new GroupChoice();
            choice.change();
            channel.handler().ring().cancel(this);
        } else if (broughtMuch() && givesWay()) {
            channel.handler().ring().cancel(this); // it stood in while there was no buffer
        }
    }

    private boolean isToChange(int received) {
        BufferGroups groups = channel.handler().groups();
        if (!groups.areTwo()) {
            return !isBulk() && broughtMuch() && hasBulkBuffers();
        }
        choice = choice != null ? choice : new GroupChoice();
        return choice.received(received) && (isBulk() || groups.bulk() != null);
    }

    /** The same, of bytes that {@link BulkReceive} brought. */
    void receivedByCall(int received) {
        if (choice != null && choice.received(received)) {
            choice.change();
        }
    }

    private void outOfBuffers() {
        channel.handler().metrics().ringEmpty();
        waited = !broughtAny;
        if (supply != chosenSupply() || givesWay()) {
            receiver.goOn();
        } else {
            receiver.starve(supply);
        }
    }

    /** The channel's next loop has buffers of its own. */
    void leaveLoop() {
        choice = null;
        waited = false;
    }

    @Override
    public String toString() {
        return "RECV on " + channel;
    }
}
