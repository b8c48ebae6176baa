// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.soak;

import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringConfig.Exhaustion;
import dev.nettyuring.channel.UringIoHandler;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.testsuite.Pattern;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The connections between two checkpoints, and the loops that they are on. */
final class Soak {
    private static final int LOOPS = 2;
    private static final int MAX_SESSIONS = 64;
    /** However slow the machine is. */
    private static final int MIN_SESSIONS = 100;

    private static final int TICK_MILLIS = 2;
    private static final long MAX_LOOP_LIFE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int ON_PASSING_LOOP_ONE_IN = 4;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(120);

    private final Random random;
    private final Path folder;
    private final SslContext serverTls;
    private final SslContext clientTls;
    private final long sessionsASecond;
    final EventLoopGroup loops;
    final Load load;
    final List<UringMetrics> metrics = new ArrayList<>();
    private final List<Session> open = new ArrayList<>();
    private final List<PassingLoop> ending = new ArrayList<>();
    private PassingLoop passing;
    long loopsEnded;

    /** A loop that ends while connections on it go on. */
    private static final class PassingLoop {
        final EventLoopGroup group;
        final UringMetrics metrics;
        final long endNanos;

        PassingLoop(UringConfig config, long lifeNanos) {
            group = newGroup("passing", 1, config);
            metrics = UringMetrics.of(group.next());
            endNanos = System.nanoTime() + lifeNanos;
        }
    }

    /** @param sessionsASecond at most */
    Soak(long seed, Path folder, long sessionsASecond, SslContext serverTls, SslContext clientTls) throws Exception {
        random = new Random(seed);
        this.folder = folder;
        this.sessionsASecond = sessionsASecond;
        this.serverTls = serverTls;
        this.clientTls = clientTls;
        Path file = folder.resolve("pattern");
        Pattern.write(file);
        loops = newGroup("staying", LOOPS, UringConfig.DEFAULT);
        for (EventExecutor loop : loops) {
            metrics.add(UringMetrics.of(loop));
            loop.submit(() -> {}).sync(); // it has started
        }
        load = new Load(random.nextLong(), loops, file);
    }

    private static EventLoopGroup newGroup(String name, int threads, UringConfig config) {
        return new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory(name, true), UringIoHandler.newFactory(config));
    }

    /** Opens connections for so long, and waits until all are over. */
    void run(long nanos) throws Exception {
        Path socketFile = folder.resolve("socket");
        Servers servers = new Servers(load, socketFile, serverTls);
        long start = System.nanoTime();
        long begun = 0;
        while ((System.nanoTime() - start < nanos || begun < MIN_SESSIONS) && load.faults.isEmpty()) {
            changeLoops();
            reap();
            long due = (System.nanoTime() - start) * sessionsASecond / TimeUnit.SECONDS.toNanos(1) - begun;
            for (; due > 0 && open.size() < MAX_SESSIONS; due--) {
                Session session = newSession(servers);
                session.open();
                open.add(session);
                begun++;
            }
            Thread.sleep(TICK_MILLIS);
        }
        end(servers);
        Files.deleteIfExists(socketFile);
    }

    private void end(Servers servers) throws InterruptedException {
        if (passing != null) {
            endPassingLoop();
        }
        await("clients end", () -> {
            reap();
            return open.isEmpty();
        });
        await("accepted connections end", load.accepted::isEmpty);
        servers.close();
        await("kept buffers are released", () -> load.kept.get() == 0);
        await("passing loops end", () -> ending.stream().allMatch(loop -> loop.group.isTerminated()));
        for (PassingLoop loop : ending) {
            await("operations of a loop that ended", () -> loop.metrics.operationsInFlight() == 0);
        }
        loopsEnded += ending.size();
        ending.clear();
    }

    private void await(String what, BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > LIMIT_NANOS) {
                load.fault("not in time: " + what);
                open.forEach(session -> load.fault("  open: " + session));
                load.accepted.forEach(channel -> load.fault("  accepted: " + channel + channel.pipeline()));
                return;
            }
            Thread.sleep(TICK_MILLIS);
        }
    }

    private void changeLoops() {
        if (passing == null) {
            passing = new PassingLoop(passingConfig(), (long) (random.nextDouble() * MAX_LOOP_LIFE_NANOS));
        } else if (System.nanoTime() - passing.endNanos > 0) {
            endPassingLoop();
        }
    }

    private void endPassingLoop() {
        passing.group.shutdownGracefully(0, LIMIT_NANOS, TimeUnit.NANOSECONDS);
        ending.add(passing);
        passing = null;
    }

    /** Small rings and little receive memory, or as it comes. */
    private UringConfig passingConfig() {
        if (random.nextBoolean()) {
            return UringConfig.DEFAULT;
        }
        int size = 1024 << random.nextInt(6);
        int buffers = 2 << random.nextInt(3);
        return UringConfig.builder()
                .submissionEntries(8 << random.nextInt(4))
                .completionEntries(128 << random.nextInt(3))
                .receiveBufferSize(size)
                .receiveBuffers(buffers)
                .receiveMemoryLimit((long) size * buffers * (1 + random.nextInt(4)))
                .exhaustion(random.nextBoolean() ? Exhaustion.ALLOCATE : Exhaustion.PAUSE)
                .build();
    }

    private Session newSession(Servers servers) {
        Random own = new Random(random.nextLong());
        EventLoopGroup group = passing != null && random.nextInt(ON_PASSING_LOOP_ONE_IN) == 0 ? passing.group : loops;
        switch (random.nextInt(12)) {
            case 0:
                return new EchoSession(load, own, group, servers.tls, clientTls);
            case 1:
            case 2:
                return new EchoSession(load, own, group, servers.unix, null);
            case 3:
            case 4:
                return new EchoSession(load, own, group, servers.relay, null);
            case 5:
            case 6:
                return new FileSession(load, own, group, servers.files);
            case 7:
                return new DatagramSession(load, own, group, servers.datagrams);
            default:
                return new EchoSession(load, own, group, servers.echo, null);
        }
    }

    private void reap() {
        for (Iterator<Session> sessions = open.iterator(); sessions.hasNext(); ) {
            Session session = sessions.next();
            if (session.isOver()) {
                sessions.remove();
                session.account();
            } else if (System.nanoTime() - session.startNanos > LIMIT_NANOS) {
                sessions.remove();
                load.fault("does not end: " + session);
            }
        }
    }

    /** Ends the loops that stay. */
    void close() throws InterruptedException {
        loops.shutdownGracefully(0, LIMIT_NANOS, TimeUnit.NANOSECONDS);
        await("the loops end", loops::isTerminated);
        load.others.shutdown();
        load.writer.shutdown();
    }
}
