// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.channel.UringStreamChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Random;

/** A stream that a channel sends to its end, also from buffers that stay the caller's. */
final class Sending {
    private static final int MAX_PIECES = 10;
    private static final int MAX_PIECE_BITS = 17;
    private static final byte SCRIBBLE = (byte) 0xdd;

    private final Site site;
    private final UringStreamChannel channel;
    private final Direction out;
    private final long toSend;
    private final Random random;

    volatile Throwable failure;

    Sending(Site site, UringStreamChannel channel, Direction out, Random random) {
        this.site = site;
        this.channel = channel;
        this.out = out;
        this.random = random;
        toSend = random.nextInt(6) == 0 ? random.nextInt(1 << 20) : random.nextInt(1 << random.nextInt(18));
    }

    void start() {
        site.soon(random, this::send);
    }

    private void send() {
        if (!channel.isOpen() || failure != null) {
            return;
        }
        for (int pieces = 1 + random.nextInt(MAX_PIECES);
                pieces > 0 && out.written() < toSend && channel.isWritable();
                pieces--) {
            int length = 1 + random.nextInt(1 << (1 + random.nextInt(MAX_PIECE_BITS - 1)));
            write((int) Math.min(toSend - out.written(), length));
        }
        channel.flush();
        if (out.written() < toSend) {
            start();
        } else {
            finish();
        }
    }

    private void write(int length) {
        if (random.nextInt(3) == 0) {
            writeOwn(length);
            return;
        }
        ByteBuf buf = random.nextBoolean() ? new ScribbledBuffer(length) : Unpooled.buffer(length);
        out.fill(buf, length);
        site.asked("write", channel.write(buf)).addListener(future -> {
            if (!future.isSuccess()) {
                fail(future.cause());
            }
        });
    }

    private void writeOwn(int length) {
        ByteBuf own = UnpooledByteBufAllocator.DEFAULT.directBuffer(length, length);
        out.fill(own, length);
        Site.Lent lent = site.lend(own);
        site.asked("writeFrom", channel.writeFrom(own)).addListener(future -> {
            if (!future.isSuccess()) {
                fail(future.cause());
            } else if (own.isReadable()) {
                site.fault("of a buffer that was written " + own.readableBytes() + " bytes are left");
            }
            for (int i = 0; i < length; i++) {
                own.setByte(i, SCRIBBLE); // which nobody may send
            }
            site.takeBack(lent);
        });
    }

    private void finish() {
        site.asked("end of what is written", channel.writeAndFlush(Unpooled.EMPTY_BUFFER))
                .addListener(written -> {
                    if (!written.isSuccess()) {
                        fail(written.cause());
                        return;
                    }
                    out.shutdownAsked = true;
                    site.asked("shutdownOutput", channel.shutdownOutput()).addListener(done -> {
                        if (done.isSuccess()) {
                            out.shutdown = true;
                        } else {
                            fail(done.cause());
                        }
                    });
                });
    }

    private void fail(Throwable cause) {
        failure = cause;
        channel.close();
    }

    @Override
    public String toString() {
        return "[to send " + toSend + ", " + out + (failure == null ? "" : ", " + failure) + ", " + channel + ']';
    }
}
