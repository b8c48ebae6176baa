// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * Direct memory that a {@link FileRegion} is copied to before it is sent, one piece at a time: any region can write to a
 * channel, and this is one. Loop thread only.
 */
final class RegionStage implements WritableByteChannel {
    private static final int CAPACITY = 256 << 10;

    private final UringStreamChannel channel;
    private ByteBuf staged;

    RegionStage(UringStreamChannel channel) {
        this.channel = channel;
    }

    boolean isEmpty() {
        return staged == null || !staged.isReadable();
    }

    ByteBuf staged() {
        return staged;
    }

    /**
     * Takes the region's next bytes; {@code false} if it has none at the moment.
     *
     * @throws IOException if the region cannot be read, or its file has become shorter than it
     */
    boolean fill(FileRegion region) throws IOException {
        if (staged == null) {
            staged = channel.config().getAllocator().directBuffer(CAPACITY, CAPACITY);
        }
        staged.clear();
        long position = region.transferred();
        region.transferTo(this, position);
        if (!staged.isReadable() && region instanceof DefaultFileRegion) {
            channel.checkNotTruncated((DefaultFileRegion) region, position);
        }
        return staged.isReadable();
    }

    /** So many of the staged bytes are on their way. */
    void sent(int bytes) {
        staged.skipBytes(bytes);
    }

    void release() {
        if (staged != null) {
            staged.release();
            staged = null;
        }
    }

    @Override
    public int write(ByteBuffer source) {
        int count = Math.min(source.remaining(), staged.writableBytes());
        int limit = source.limit();
        source.limit(source.position() + count);
        staged.writeBytes(source);
        source.limit(limit);
        return count;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // the stage is the channel's, not the region's
    }
}
