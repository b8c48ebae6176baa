// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Submission;

/**
 * How much a connection gets before the others of its loop have their turn, and how it waits for that. The kernel tries at once what
 * is submitted, but what became ready meanwhile in its order, and only some twenty of it a call of io_uring_enter(2): who submits
 * again with each call would be served fifty times before a thousand others are. IORING_RECVSEND_POLL_FIRST (5.19) puts a request
 * behind all that is ready by now.
 */
final class FairShare {
    /** A share: as much as NIO reads from one channel in a turn of its loop, 16 times 64 KiB. */
    static final int BYTES = 1 << 20;
    /** Who was given that many in a turn is not tried at once again. */
    static final int MANY_BYTES = 64 << 10;

    private FairShare() {}

    /** Waits for the turn of a socket that has had its share of sending: a send of nothing. It may fail as any other. */
    static void awaitTurnToSend(Submission sqe, int socket) {
        sqe.operation(Abi.IORING_OP_SEND, socket)
                .ioprio(Abi.IORING_RECVSEND_POLL_FIRST)
                .operationFlags(SocketAbi.MSG_NOSIGNAL);
    }

    /** Waits for the turn of a socket that has had its share of receiving: a receive of nothing. It may fail as any other. */
    static void awaitTurnToReceive(Submission sqe, int socket) {
        sqe.operation(Abi.IORING_OP_RECV, socket)
                .ioprio(Abi.IORING_RECVSEND_POLL_FIRST)
                .operationFlags(SocketAbi.MSG_PEEK);
    }
}
