// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.channel.UringChannelOption;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringPoll;
import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.channel.ZeroCopy;
import dev.nettyuring.jfr.FlightEvents;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What Java Flight Recorder is told. */
@ExtendWith(TransportInvariants.class)
class FlightRecorderTest {
    private static final Duration LIMIT = Duration.ofSeconds(Tcp.LIMIT_SECONDS);
    /** More than a loop is kept from its turn on a busy machine. */
    private static final Duration BUSY = Duration.ofMillis(300);

    private static final Duration IDLE = Duration.ofMillis(500);
    private static final int BUFFER_SIZE = 4096;

    @TempDir
    private Path temporary;

    private Recording recording;
    private EventLoopGroup group;
    private UringMetrics metrics;

    @BeforeEach
    void record() {
        recording = new Recording(); // of what is enabled by default, as the events are
        recording.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        recording.close();
        if (group != null) {
            group.shutdownGracefully(0, Tcp.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    private EventLoopGroup begin(UringConfig config) {
        group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory(config));
        metrics = UringMetrics.of(group.next());
        return group;
    }

    private List<RecordedEvent> events(String name) throws Exception {
        Path file = Files.createTempFile(temporary, "recording", ".jfr");
        recording.dump(file);
        return events(file, name);
    }

    private static List<RecordedEvent> events(Path file, String name) throws Exception {
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }

    private static void beBusy() {
        try {
            Thread.sleep(BUSY.toMillis());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<RecordedEvent> slowTurns() throws Exception {
        // a task may still be of the slow turn, which is over when another one has been
        long slow = group.submit(metrics::turns).get();
        while (metrics.turns() < slow + 2) {
            group.submit(() -> {}).sync();
        }
        return events(FlightEvents.SLOW_TURN).stream()
                .filter(event -> event.getDuration().compareTo(BUSY) >= 0)
                .toList();
    }

    private String loopThread() throws Exception {
        return group.submit(() -> Thread.currentThread().getName()).get();
    }

    @Test
    void aTurnThatIsSlowForATaskWithoutTheWaitingBefore() throws Exception {
        begin(UringConfig.DEFAULT).submit(() -> {}).sync();
        Thread.sleep(IDLE.toMillis());
        Instant idleUntil = Instant.now();
        group.submit(FlightRecorderTest::beBusy).sync();
        assertThat(slowTurns()).singleElement().satisfies(event -> {
            assertThat(event.getStartTime()).isAfter(idleUntil.minus(IDLE.dividedBy(2)));
            assertThat(event.getDuration().minus(event.getDuration("handlers"))).isGreaterThanOrEqualTo(BUSY);
            assertThat(event.getThread().getJavaName()).isEqualTo(loopThread());
            assertThat(event.getStackTrace()).isNull();
        });
    }

    @Test
    void aTurnThatIsSlowForAHandler() throws Exception {
        begin(UringConfig.DEFAULT);
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(group), () -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        beBusy();
                        context.writeAndFlush(message);
                    }
                });
                Socket client = tcp.connect()) {
            client.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);
            assertThat(slowTurns()).singleElement().satisfies(event -> {
                assertThat(event.getDuration("handlers")).isGreaterThanOrEqualTo(BUSY);
                assertThat(event.getInt("completions")).isPositive();
            });
        }
    }

    @Test
    void noTurnThatIsBelowTheThreshold() throws Exception {
        recording.enable(FlightEvents.SLOW_TURN).withThreshold(Duration.ofMinutes(1));
        begin(UringConfig.DEFAULT).submit(FlightRecorderTest::beBusy).sync();
        assertThat(slowTurns()).isEmpty();
    }

    @Test
    void noTurnWhileTheEventIsDisabled() throws Exception {
        recording.disable(FlightEvents.SLOW_TURN);
        begin(UringConfig.DEFAULT).submit(FlightRecorderTest::beBusy).sync();
        assertThat(slowTurns()).isEmpty();
    }

    @Test
    void exhaustedBuffers() throws Exception {
        assumeTrue(Uring.features().contains(Feature.PBUF_RING), "the kernel's buffer rings are switched off");
        Queue<ByteBuf> kept = new ConcurrentLinkedQueue<>();
        begin(UringConfig.builder()
                .receiveBufferSize(BUFFER_SIZE)
                .receiveBuffers(2)
                .receiveMemoryLimit(2 * BUFFER_SIZE)
                .exhaustion(UringConfig.Exhaustion.PAUSE)
                .build());
        try (Tcp tcp = Tcp.serve(new ServerBootstrap().group(group), () -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        kept.add((ByteBuf) message);
                    }
                });
                Socket client = tcp.connect()) {
            Channel channel = tcp.accepted();
            client.getOutputStream().write(random(3 * BUFFER_SIZE));
            await().atMost(LIMIT).until(() -> metrics.bufferExhaustions() == 1);
            group.submit(() -> {}).sync(); // counted first, recorded then
            assertThat(events(FlightEvents.BUFFER_EXHAUSTED)).singleElement().satisfies(event -> {
                assertThat(event.getString("channel")).isEqualTo(channel.toString());
                assertThat(event.getLong("receiveMemory")).isEqualTo(2 * BUFFER_SIZE);
            });
            channel.close().sync();
            kept.forEach(ByteBuf::release);
        }
    }

    @Test
    void anOverflowOfTheCompletionQueue() throws Exception {
        begin(UringConfig.builder().submissionEntries(8).completionEntries(8).build());
        int count = 100;
        AtomicInteger told = new AtomicInteger();
        List<Integer> fds = new ArrayList<>();
        List<UringPoll> polls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int fd = Native.eventfd(0, SocketAbi.EFD_CLOEXEC | SocketAbi.EFD_NONBLOCK);
            fds.add(fd);
            polls.add(UringPoll.register(
                    group.next(),
                    fd,
                    UringPoll.POLLIN,
                    UringPoll.Trigger.EDGE,
                    (self, events) -> told.incrementAndGet()));
        }
        group.submit(() -> fds.forEach(fd -> Native.eventfdWrite(fd, 1))).sync();
        await().atMost(LIMIT).until(() -> told.get() >= count);
        for (UringPoll poll : polls) {
            poll.cancel().sync();
        }
        group.submit(() -> {}).sync();
        List<RecordedEvent> overflows = events(FlightEvents.COMPLETION_OVERFLOW);
        assertThat(overflows).isNotEmpty().hasSize((int) metrics.completionOverflows());
        assertThat(overflows).allSatisfy(event -> {
            assertThat(event.getInt("entries")).isBetween(8, 16);
            assertThat(event.getInt("operations")).isBetween(1, count); // some polls end by that, and begin anew
        });
        fds.forEach(Native::close);
    }

    /** An address of this machine's that is none of the loopback interface's. */
    private static Optional<InetAddress> outerAddress() throws Exception {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst();
    }

    /** From a loopback address to another of the machine's own, which the transport does not know to lie within it. */
    @Test
    void aPeerToWhomEverythingIsCopied() throws Exception {
        assumeTrue(Uring.features().contains(Feature.SEND_ZC), "zero-copy sends are switched off");
        InetAddress outer = outerAddress().orElse(null);
        assumeTrue(outer != null, "no network but the loopback interface's");
        begin(UringConfig.DEFAULT);
        byte[] bytes = random(1 << 20);
        try (ServerSocket server = new ServerSocket(0, 1, outer)) {
            server.setSoTimeout(Tcp.LIMIT_SECONDS * 1000);
            Channel channel = new Bootstrap()
                    .group(group)
                    .channel(UringSocketChannel.class)
                    .option(UringChannelOption.ZERO_COPY, ZeroCopy.AUTO)
                    .handler(new ChannelInboundHandlerAdapter())
                    .localAddress(InetAddress.getLoopbackAddress(), 0)
                    .connect(new InetSocketAddress(outer, server.getLocalPort()))
                    .sync()
                    .channel();
            try (Socket peer = server.accept()) {
                peer.setSoTimeout(Tcp.LIMIT_SECONDS * 1000);
                channel.writeAndFlush(Unpooled.directBuffer(bytes.length).writeBytes(bytes));
                assertThat(peer.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
                await().atMost(LIMIT).until(() -> metrics.copiedZeroCopySends() > 0);
                group.submit(() -> {}).sync();
                assertThat(events(FlightEvents.ZERO_COPY_PAUSED))
                        .singleElement()
                        .satisfies(event -> {
                            assertThat(event.getString("peer")).isEqualTo(outer.getHostAddress());
                            assertThat(event.getString("reason")).isEqualTo("COPIED");
                            assertThat(event.getDuration("pause")).isEqualTo(Duration.ofSeconds(10));
                        });
            }
            channel.close().sync();
        }
    }

    @Test
    void memoryThatMayNotBeRegistered() throws Exception {
        assumeTrue(
                Uring.features().containsAll(EnumSet.of(Feature.SEND_ZC, Feature.FIXED_BUFFERS)),
                "registered memory is switched off");
        // the process is another user's
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path file = temporary.resolve("registration.jfr");
        String printed = TransfersProcess.output(
                temporary,
                MemoryLimit.of(512 << 10),
                "-Ddev.nettyuring.zeroCopy=ALWAYS",
                "-Ddev.nettyuring.receiveMemoryLimit=16777216",
                "-Ddev.nettyuring.submissionEntries=512",
                "-Ddev.nettyuring.completionEntries=4096",
                "-XX:StartFlightRecording:filename=" + file);
        assertThat(printed).contains("RLIMIT_MEMLOCK");
        assertThat(events(file, FlightEvents.REGISTRATION_REFUSED))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.getString("reason")).contains("Registering 1024 KiB", "ENOMEM");
                    assertThat(event.getLong("size")).isEqualTo(1 << 20);
                    assertThat(event.getLong("registered")).isZero();
                });
    }

    @Test
    void nobodyInAJvmThatHasNoFlightRecorder() throws Exception {
        List<String> modules = List.of("--limit-modules", String.join(",", WithoutFlightRecorder.MODULES));
        assertThat(JavaProcess.output(temporary, List.of(), modules, WithoutFlightRecorder.class))
                .contains(Transfers.DONE)
                .doesNotContain("Exception", "Error");
    }
}
