// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.channel.FileStatus;
import dev.nettyuring.channel.UringFile;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Files that loops read and write: at each position there is one byte that is ever written, or none yet. */
final class Files implements Piece {
    private static final int MAX_FILES = 4;
    private static final int MAX_CHAINS = 4;
    private static final int MAX_CALLS = 25;
    private static final int MAX_BYTES = 200_000;
    private static final int MAX_LENGTH_BITS = 16;
    private static final byte SCRIBBLE = (byte) 0xdd;

    private final Site site;
    private final Random random;
    private final List<Tested> files = new ArrayList<>();

    Files(Site site, Random random) {
        this.site = site;
        this.random = random;
    }

    @Override
    public void begin() {
        int count = 1 + random.nextInt(MAX_FILES);
        for (int i = 0; i < count; i++) {
            files.add(new Tested(site.folder.resolve("file-" + i), new Random(random.nextLong())));
        }
    }

    @Override
    public void start() {
        files.forEach(Tested::start);
    }

    @Override
    public boolean isOver() {
        return files.stream().allMatch(Tested::isOver);
    }

    @Override
    public void check(List<String> wrong) throws IOException {
        for (Tested file : files) {
            file.check(wrong);
        }
    }

    @Override
    public String toString() {
        return files.size() + " files "
                + files.stream().filter(file -> !file.isOver()).toList();
    }

    private final class Tested {
        private final Path path;
        private final Random random;
        private final Direction content;
        private final boolean closesEarly;
        private final AtomicInteger chains;
        /** Which bytes a call that is over has written. */
        private final BitSet written = new BitSet();

        private volatile UringFile file;
        private volatile boolean closing;
        private volatile boolean over;

        Tested(Path path, Random random) {
            this.path = path;
            this.random = random;
            content = new Direction(random.nextInt());
            closesEarly = random.nextInt(4) == 0;
            chains = new AtomicInteger(1 + random.nextInt(MAX_CHAINS));
        }

        void start() {
            Future<UringFile> opening = site.asked(
                    "open",
                    UringFile.open(
                            site.loops.next(),
                            path,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING));
            opening.addListener(done -> {
                if (!opening.isSuccess()) {
                    failed(opening.cause());
                    chains.set(0);
                    over = true;
                    return;
                }
                file = opening.getNow();
                for (int i = chains.get(); i > 0; i--) {
                    int calls = random.nextInt(MAX_CALLS);
                    site.soon(random, () -> next(calls));
                }
            });
        }

        boolean isOver() {
            return over && chains.get() == 0;
        }

        private void next(int calls) {
            if (closesEarly && random.nextInt(20) == 0) {
                close();
            }
            if (calls == 0 || closing) {
                if (chains.decrementAndGet() == 0) {
                    close();
                }
                return;
            }
            Future<?> call = site.asked("file call", call());
            if (random.nextInt(8) == 0) {
                site.soon(random, () -> call.cancel(true));
            }
            call.addListener(done -> {
                if (!done.isSuccess() && !done.isCancelled()) {
                    failed(done.cause());
                }
                if (random.nextBoolean()) {
                    site.soon(random, () -> next(calls - 1));
                } else {
                    next(calls - 1);
                }
            });
        }

        private Future<?> call() {
            switch (random.nextInt(10)) {
                case 0:
                    return file.sync();
                case 1:
                    return file.dataSync();
                case 2:
                    return stat();
                case 3:
                case 4:
                case 5:
                    return read();
                default:
                    return write();
            }
        }

        private int position() {
            return random.nextInt(MAX_BYTES);
        }

        private ByteBuf buffer() {
            int size = 1 + random.nextInt(1 << (1 + random.nextInt(MAX_LENGTH_BITS - 1)));
            return UnpooledByteBufAllocator.DEFAULT.directBuffer(size, size);
        }

        private synchronized BitSet writtenByNow() {
            return (BitSet) written.clone();
        }

        private synchronized void wrote(int position, int length) {
            written.set(position, position + length);
        }

        private Future<?> stat() {
            int size = writtenByNow().length();
            Future<FileStatus> stat = file.stat();
            stat.addListener(done -> {
                if (stat.isSuccess()
                        && (stat.getNow().size() < size || !stat.getNow().isRegularFile())) {
                    site.fault(this + " had " + size + " bytes, and is told of as " + stat.getNow());
                }
            });
            return stat;
        }

        private Future<?> write() {
            int position = position();
            ByteBuf buffer = buffer();
            for (int i = 0; buffer.isWritable(); i++) {
                buffer.writeByte(content.byteAt(position + i));
            }
            Site.Lent lent = site.lend(buffer);
            Future<ByteBuf> write = file.write(buffer, position);
            write.addListener(done -> {
                if (write.isSuccess() && buffer.isReadable()) {
                    site.fault(this + ": " + buffer.readableBytes() + " bytes of a write are left");
                }
                wrote(position, buffer.readerIndex());
                for (int i = 0; i < buffer.capacity(); i++) {
                    buffer.setByte(i, SCRIBBLE); // which nobody may write
                }
                site.takeBack(lent);
            });
            return write;
        }

        private Future<?> read() {
            int position = position();
            ByteBuf buffer = buffer();
            BitSet before = writtenByNow();
            Site.Lent lent = site.lend(buffer);
            Future<ByteBuf> read = file.read(buffer, position);
            read.addListener(done -> {
                int length = buffer.readableBytes();
                if (read.isSuccess()) {
                    checkRead(buffer, position, before);
                } else if (length > 0) {
                    site.fault(this + ": " + length + " bytes came although the future says " + read.cause());
                }
                for (int i = 0; i < buffer.capacity(); i++) {
                    buffer.setByte(i, SCRIBBLE);
                }
                site.soon(random, () -> {
                    for (int i = 0; i < buffer.capacity(); i++) {
                        if (buffer.getByte(i) != SCRIBBLE) {
                            site.fault(this + ": a buffer was written to after its future was done");
                        }
                    }
                    site.takeBack(lent);
                });
            });
            return read;
        }

        private void checkRead(ByteBuf buffer, int position, BitSet before) {
            if (!buffer.isReadable() && position < before.length()) {
                site.fault(this + ": nothing was read at " + position + " of " + before.length());
            }
            String fault = fault(buffer, position, before);
            if (fault != null) {
                site.fault(this + ": " + fault);
            }
        }

        private String fault(ByteBuf buffer, int position, BitSet known) {
            for (int i = 0; i < buffer.readableBytes(); i++) {
                byte found = buffer.getByte(buffer.readerIndex() + i);
                byte expected = content.byteAt(position + i);
                if (found != expected && (found != 0 || known.get(position + i))) {
                    return "at " + (position + i) + " is " + found + " and not " + expected + ", of "
                            + buffer.readableBytes() + " bytes from " + position;
                }
            }
            return null;
        }

        private void close() {
            closing = true;
            site.asked("close", file.close()).addListener(done -> {
                if (!done.isSuccess()) {
                    site.failed(this, done.cause());
                }
                over = true;
            });
        }

        private void failed(Throwable cause) {
            if (!(cause instanceof ClosedChannelException) || !closing) {
                site.failed(this, cause);
            }
            if (!(cause instanceof IOException) && !site.loopsMayEnd) {
                site.fault(this + " failed with " + cause);
            }
        }

        void check(List<String> wrong) throws IOException {
            if (!java.nio.file.Files.exists(path)) {
                return; // it could not be opened
            }
            ByteBuf found = Unpooled.wrappedBuffer(java.nio.file.Files.readAllBytes(path));
            java.nio.file.Files.delete(path);
            if (found.readableBytes() < written.length()) {
                wrong.add(this + " has " + found.readableBytes() + " bytes and not " + written.length());
            }
            String fault = fault(found, 0, written);
            if (fault != null) {
                wrong.add(this + ", in the end: " + fault);
            }
        }

        @Override
        public String toString() {
            return (file == null ? path.getFileName() : file) + (closing ? ", closing" : "") + ", " + chains
                    + " chains";
        }
    }
}
