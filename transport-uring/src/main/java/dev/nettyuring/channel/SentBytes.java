// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;

/** What becomes of messages whose bytes were sent: buffers, and files' regions that were copied. Loop thread only. */
final class SentBytes {
    private SentBytes() {}

    /**
     * Takes so many bytes off the buffer: step by step, since a promise's listener may close the channel, and the rest is then
     * failed already.
     */
    static void takeOff(ChannelOutboundBuffer out, int bytes) {
        int left = bytes;
        while (left > 0 && out.current() != null) {
            Object message = out.current();
            int sent = (int) Math.min(left, unsent(message));
            boolean all = sent == unsent(message);
            if (message instanceof DefaultFileRegion) {
                FileRegions.transferred((DefaultFileRegion) message, sent);
            } else if (!all) {
                ((ByteBuf) message).skipBytes(sent);
            }
            out.progress(sent);
            left -= sent;
            if (all) {
                out.remove();
            }
        }
    }

    private static long unsent(Object message) {
        return message instanceof ByteBuf
                ? ((ByteBuf) message).readableBytes()
                : FileRegions.left((FileRegion) message);
    }
}
