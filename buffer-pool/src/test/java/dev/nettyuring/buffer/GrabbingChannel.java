// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.HexFormat;

/**
 * A channel that keeps to no limits: of every buffer it is given it takes all that its capacity spans, and when it is to read
 * it writes to all of that.
 */
final class GrabbingChannel extends FileChannel {
    private static final byte WRITTEN = 0x77;

    private final StringBuilder grabbed = new StringBuilder();

    /** What it has seen, in hexadecimal. */
    String grabbed() {
        return grabbed.toString();
    }

    static String contentOf(ByteBuffer buffer) {
        byte[] content = new byte[buffer.capacity()];
        buffer.duplicate().clear().get(content);
        return HexFormat.of().formatHex(content);
    }

    @Override
    public int write(ByteBuffer src) {
        int length = src.remaining();
        grabbed.append(contentOf(src)).append(' ');
        src.position(src.limit());
        return length;
    }

    @Override
    public int read(ByteBuffer dst) {
        int length = dst.remaining();
        grabbed.append(contentOf(dst)).append(' ');
        int limit = dst.limit();
        dst.clear();
        while (dst.hasRemaining()) {
            dst.put(WRITTEN);
        }
        dst.limit(limit).position(limit);
        return length;
    }

    @Override
    public int write(ByteBuffer src, long position) {
        return write(src);
    }

    @Override
    public int read(ByteBuffer dst, long position) {
        return read(dst);
    }

    @Override
    public long write(ByteBuffer[] srcs, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long read(ByteBuffer[] dsts, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long position() {
        return 0;
    }

    @Override
    public FileChannel position(long newPosition) {
        return this;
    }

    @Override
    public long size() {
        return 0;
    }

    @Override
    public FileChannel truncate(long size) {
        return this;
    }

    @Override
    public void force(boolean metaData) {}

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel src, long position, long count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void implCloseChannel() {}
}
