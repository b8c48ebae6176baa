// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

/**
 * Which of a loop's two {@link BufferGroups} suits a channel, by the sizes of the pieces that it received. It begins with
 * that for messages. Loop thread only.
 */
final class GroupChoice {
    /** Bytes that hold most requests and answers: a page. */
    static final int MESSAGE_BUFFER_SIZE = 4 << 10;
    /**
     * So many full buffers one after the other, 16 KiB, are bulk. Messages of a few buffers' length are not, and what is
     * costs no more than a few completions until it is found to be.
     */
    static final int PIECES_TO_BULK = 4;
    /**
     * So many pieces one after the other that a small buffer would have held are messages. A change costs two submissions and
     * a turn of the loop: with so many pieces between, no pattern of traffic can make changing a cost that counts.
     */
    static final int PIECES_TO_MESSAGES = 64;

    private boolean bulk;
    private int contrary;

    /** Whether the channel gets bulk. */
    boolean isBulk() {
        return bulk;
    }

    /** A piece was received: whether that, and those before it, speak for the other group. */
    boolean received(int bytes) {
        boolean fits = bytes < MESSAGE_BUFFER_SIZE;
        contrary = fits == bulk ? contrary + 1 : 0;
        if (contrary < (bulk ? PIECES_TO_MESSAGES : PIECES_TO_BULK)) {
            return false;
        }
        contrary = 0;
        return true;
    }

    void change() {
        bulk = !bulk;
    }
}
