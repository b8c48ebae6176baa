// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.jni.Native;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(TransportInvariants.class)
class DescriptorPassingTest {
    private static final Duration LIMIT = Duration.ofSeconds(Tcp.LIMIT_SECONDS);
    private static final int O_CLOEXEC = 0x80000;
    private static final int OCTAL = 8;
    private static final int MOST_IN_A_MESSAGE = 253;
    private static final int ROUNDS = 200;

    @TempDir
    private static Path folder;

    private Path file;

    private static FdPeer peer;

    @BeforeAll
    static void compilePeer() throws Exception {
        peer = FdPeer.compile(folder);
    }

    @BeforeEach
    void writeFile() throws IOException {
        file = folder.resolve("passed");
        Files.writeString(file, "what the file says");
    }

    /** Keeps what it reads: descriptors, and bytes as text. */
    private static class Reader extends ChannelInboundHandlerAdapter {
        final List<Object> read = new CopyOnWriteArrayList<>();

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof ByteBuf) {
                read.add(((ByteBuf) message).toString(StandardCharsets.US_ASCII));
                ReferenceCountUtil.release(message);
            } else {
                read.add(message);
            }
        }

        FileDescriptor descriptor(int index) {
            await().atMost(LIMIT).until(() -> read.size() > index);
            return (FileDescriptor) read.get(index);
        }

        String text(int from) {
            StringBuilder text = new StringBuilder();
            read.subList(from, read.size()).forEach(text::append);
            return text.toString();
        }

        void closeAll() throws IOException {
            for (Object message : read) {
                if (message instanceof FileDescriptor) {
                    ((FileDescriptor) message).close();
                }
            }
        }
    }

    private static FileDescriptor descriptorOf(UringDomainSocketChannel channel) {
        return channel.fd();
    }

    private static String readAll(FileDescriptor descriptor) throws IOException {
        return Files.readString(Path.of("/proc/self/fd/" + descriptor.intValue()));
    }

    /** How often the file is open in this process. */
    private static long timesOpen(Path file) throws IOException {
        long count = 0;
        try (DirectoryStream<Path> links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path link : links) {
                try {
                    if (Files.readSymbolicLink(link).equals(file.toRealPath())) {
                        count++;
                    }
                } catch (NoSuchFileException closedMeanwhile) {
                    // not counted
                }
            }
        }
        return count;
    }

    private Process sendFile(Domain domain, int times) throws IOException {
        String[] files = new String[times];
        Arrays.fill(files, file.toString());
        return peer.start("send", domain, files);
    }

    @Test
    void aPeersDescriptorIsReadAndCloseOnExec() throws Exception {
        Reader reader = new Reader();
        try (Domain domain = Domain.serve(DomainSocketReadMode.FILE_DESCRIPTORS, () -> reader)) {
            Process sender = sendFile(domain, 1);
            FileDescriptor received = reader.descriptor(0);
            assertThat(readAll(received)).isEqualTo("what the file says");
            String flags = Files.readAllLines(Path.of("/proc/self/fdinfo/" + received.intValue())).stream()
                    .filter(line -> line.startsWith("flags:"))
                    .findFirst()
                    .orElseThrow();
            assertThat(Integer.parseInt(flags.split("\\s+")[1], OCTAL) & O_CLOEXEC)
                    .isNotZero();
            received.close();
            assertThat(received.isOpen()).isFalse();
            assertThat(timesOpen(file)).isZero();
            domain.accepted().close().sync();
            CProgram.succeed(sender);
        }
    }

    @Test
    void allDescriptorsOfAMessageAreRead() throws Exception {
        Reader reader = new Reader();
        try (Domain domain = Domain.serve(DomainSocketReadMode.FILE_DESCRIPTORS, () -> reader)) {
            Process sender = sendFile(domain, MOST_IN_A_MESSAGE);
            reader.descriptor(MOST_IN_A_MESSAGE - 1);
            assertThat(timesOpen(file)).isEqualTo(MOST_IN_A_MESSAGE);
            reader.closeAll();
            assertThat(timesOpen(file)).isZero();
            domain.accepted().close().sync();
            CProgram.succeed(sender);
        }
    }

    @Test
    void bytesThatFollowADescriptorAreThereAfterSwitchingBack() throws Exception {
        Reader reader = new Reader() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                super.channelRead(context, message);
                context.channel()
                        .config()
                        .setOption(UnixChannelOption.DOMAIN_SOCKET_READ_MODE, DomainSocketReadMode.BYTES);
            }
        };
        try (Domain domain = Domain.serve(DomainSocketReadMode.FILE_DESCRIPTORS, () -> reader)) {
            Process sender = sendFile(domain, 1);
            reader.descriptor(0).close();
            await().atMost(LIMIT).until(() -> "bcdef".equals(reader.text(1)));
            domain.accepted().close().sync();
            CProgram.succeed(sender);
        }
    }

    @Test
    void aDescriptorAskedForAfterSwitchingToItIsNeverLost() throws Exception {
        Reader client = new Reader() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                super.channelRead(context, message);
                UringDomainSocketChannel channel = (UringDomainSocketChannel) context.channel();
                boolean bytes = channel.config().getReadMode() == DomainSocketReadMode.BYTES;
                channel.config()
                        .setReadMode(bytes ? DomainSocketReadMode.FILE_DESCRIPTORS : DomainSocketReadMode.BYTES);
                channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}));
            }
        };
        try (Domain domain = Domain.serve(DescriptorServer::new)) {
            UringDomainSocketChannel channel = domain.connect(client);
            channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}));
            await().atMost(LIMIT).until(() -> client.read.size() >= 2 * ROUNDS);
            channel.close().sync();
            for (int i = 0; i < 2 * ROUNDS; i++) {
                assertThat(client.read.get(i)).isInstanceOf(i % 2 == 0 ? String.class : FileDescriptor.class);
            }
            client.closeAll();
        }
    }

    /** Answers requests with text and with its own descriptor by turns. */
    private static final class DescriptorServer extends ChannelInboundHandlerAdapter {
        private boolean descriptor;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
            context.writeAndFlush(
                    descriptor ? context.channel() : Unpooled.copiedBuffer("text", StandardCharsets.US_ASCII));
            descriptor = !descriptor;
        }
    }

    @Test
    void anotherProgramReceivesADescriptorThatWasClosedAtOnce() throws Exception {
        try (Domain domain = Domain.serve(ChannelInboundHandlerAdapter::new)) {
            Process receiver = peer.start("receive", domain);
            UringDomainSocketChannel channel = domain.accepted();
            FileDescriptor opened = new OpenedFile(file);
            ChannelFuture written = channel.eventLoop()
                    .submit(() -> {
                        ChannelFuture future = channel.write(opened);
                        opened.close();
                        channel.flush();
                        return future;
                    })
                    .sync()
                    .getNow();
            written.sync();
            String output = new String(receiver.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(output).isEqualTo("what the file says");
            CProgram.succeed(receiver);
            assertThat(timesOpen(file)).isZero();
        }
    }

    /** As the JDK opens no descriptor that it shows, it is one that a peer has passed. */
    private final class OpenedFile extends FileDescriptor {
        OpenedFile(Path path) throws Exception {
            super(receive(path));
        }

        @Override
        public void close() throws IOException {
            Native.close(intValue());
        }
    }

    private int receive(Path path) throws Exception {
        Reader reader = new Reader();
        try (Domain domain = Domain.serve(DomainSocketReadMode.FILE_DESCRIPTORS, () -> reader)) {
            Process sender = peer.start("send", domain, path.toString());
            int fd = reader.descriptor(0).intValue();
            domain.accepted().close().sync();
            CProgram.succeed(sender);
            return fd;
        }
    }

    @Test
    void aClosedDescriptorIsNotPassed() throws Exception {
        try (Domain domain = Domain.serve(ChannelInboundHandlerAdapter::new)) {
            UringDomainSocketChannel channel = domain.connect(new ChannelInboundHandlerAdapter());
            UringDomainSocketChannel closed = new UringDomainSocketChannel();
            closed.unsafe().closeForcibly();
            ChannelFuture written = channel.writeAndFlush(descriptorOf(closed)).await();
            assertThat(written.cause()).isInstanceOf(IOException.class).hasMessageContaining("closed");
            assertThat(channel.isActive()).isTrue();
            channel.close().sync();
        }
    }

    @Test
    void descriptorsKeepTheirPlaceAmongBytes() throws Exception {
        try (Domain domain = Domain.serve(ChannelInboundHandlerAdapter::new);
                SocketChannel jdk = domain.connect()) {
            UringDomainSocketChannel channel = domain.accepted();
            channel.write(Unpooled.copiedBuffer("before", StandardCharsets.US_ASCII));
            channel.write(channel);
            channel.writeAndFlush(Unpooled.copiedBuffer("after", StandardCharsets.US_ASCII))
                    .sync();
            ByteBuffer read = ByteBuffer.allocate("before".length() + 1 + "after".length());
            while (read.hasRemaining()) {
                assertThat(jdk.read(read)).isPositive();
            }
            assertThat(new String(read.array(), StandardCharsets.ISO_8859_1)).isEqualTo("before\0after");
        }
    }

    @Test
    void receivedDescriptorsThatNobodyReadsAreClosedWithTheChannel() throws Exception {
        Reader reader = new Reader();
        try (Domain domain = Domain.serve(DomainSocketReadMode.FILE_DESCRIPTORS, () -> reader)) {
            Process sender = sendFile(domain, MOST_IN_A_MESSAGE);
            UringDomainSocketChannel channel = domain.accepted();
            // one descriptor is read, and the rest of its message waits
            reader.descriptor(0);
            channel.close().sync();
            CProgram.succeed(sender);
            reader.closeAll();
            await().atMost(LIMIT).until(() -> timesOpen(file) == 0);
        }
    }

    @Test
    void unreadDescriptorsAreKeptInOrderWhileReadingIsOff() throws Exception {
        Reader reader = new Reader() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                context.channel().config().setAutoRead(false);
                super.channelRead(context, message);
            }
        };
        try (Domain domain = Domain.serve(DomainSocketReadMode.FILE_DESCRIPTORS, () -> reader)) {
            Process sender = sendFile(domain, 3);
            UringDomainSocketChannel channel = domain.accepted();
            reader.descriptor(0);
            channel.eventLoop().submit(() -> {}).sync();
            int readAtOnce = reader.read.size();
            assertThat(timesOpen(file)).isEqualTo(3);
            channel.close().sync();
            CProgram.succeed(sender);
            assertThat(reader.read).hasSize(readAtOnce);
            await().atMost(LIMIT).until(() -> timesOpen(file) == readAtOnce);
            reader.closeAll();
            assertThat(timesOpen(file)).isZero();
        }
    }

    @Test
    void descriptorsThatNoHandlerTakesAreClosed() throws Exception {
        try (Domain domain = Domain.serve(DomainSocketReadMode.FILE_DESCRIPTORS, ChannelInboundHandlerAdapter::new)) {
            Process sender = sendFile(domain, MOST_IN_A_MESSAGE);
            UringDomainSocketChannel channel = domain.accepted();
            Reader reader = new Reader();
            channel.pipeline().addLast(reader);
            channel.pipeline().remove(reader);
            channel.closeFuture().await(200);
            channel.close().sync();
            CProgram.succeed(sender);
            reader.closeAll();
            await().atMost(LIMIT).until(() -> timesOpen(file) == 0);
        }
    }

    @Test
    void descriptorsThatAreNotSentYetAreClosedWithTheChannel() throws Exception {
        FileDescriptor opened = new OpenedFile(file);
        try (Domain domain = Domain.serve(ChannelInboundHandlerAdapter::new)) {
            for (int round = 0; round < ROUNDS; round++) {
                try (SocketChannel unread = domain.connect()) {
                    UringDomainSocketChannel channel = domain.accepted();
                    int written = round;
                    channel.eventLoop()
                            .submit(() -> {
                                for (int i = 0; i < written; i++) {
                                    channel.write(opened);
                                }
                                channel.flush();
                                channel.close();
                            })
                            .sync();
                    channel.closeFuture().sync();
                }
            }
            await().atMost(LIMIT).until(() -> timesOpen(file) == 1);
        } finally {
            opened.close();
        }
    }

    @Test
    void descriptorsInFlightToAChannelThatClosesAreClosed() throws Exception {
        FileDescriptor opened = new OpenedFile(file);
        try (Domain domain = Domain.serve(DomainSocketReadMode.FILE_DESCRIPTORS, CloseAfterFirst::new)) {
            for (int round = 0; round < ROUNDS; round++) {
                UringDomainSocketChannel sender = domain.connect(new ChannelInboundHandlerAdapter());
                for (int i = 0; i < 5; i++) {
                    sender.writeAndFlush(opened);
                }
                domain.accepted().closeFuture().await(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS);
                sender.close().sync();
            }
            await().atMost(LIMIT).until(() -> timesOpen(file) == 1);
        } finally {
            opened.close();
        }
    }

    /** Closes its channel with more on the way. */
    @ChannelHandler.Sharable
    private static final class CloseAfterFirst extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            ((FileDescriptor) message).close();
            context.close();
        }
    }

    @Test
    void aWholeChannelIsPassedAndTakenOver() throws Exception {
        Reader reader = new Reader();
        try (Domain domain = Domain.serve(DomainSocketReadMode.FILE_DESCRIPTORS, () -> reader);
                Domain other = Domain.serve(ChannelInboundHandlerAdapter::new)) {
            UringDomainSocketChannel passed = other.connect(new ChannelInboundHandlerAdapter());
            UringDomainSocketChannel sender = domain.connect(new ChannelInboundHandlerAdapter());
            sender.writeAndFlush(passed).sync();
            passed.close().sync();
            Collector collector = new Collector();
            Channel taken = new UringDomainSocketChannel(reader.descriptor(0).intValue());
            taken.pipeline().addLast(collector);
            Tcp.loops().register(taken).sync();
            other.accepted()
                    .writeAndFlush(Unpooled.wrappedBuffer(new byte[] {5}))
                    .sync();
            await().atMost(LIMIT).until(() -> collector.count() == 1);
            taken.close().sync();
            sender.close().sync();
        }
    }
}
