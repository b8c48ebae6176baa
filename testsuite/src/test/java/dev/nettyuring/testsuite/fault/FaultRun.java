// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.OlderKernel;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringConfig.Exhaustion;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.testsuite.OpenFiles;
import dev.nettyuring.testsuite.Pattern;
import dev.nettyuring.testsuite.fault.Workload.Connection;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One seed: loops, connections and faults that it chooses, and what must hold afterwards. */
final class FaultRun {
    private static final int LOOPS = 2;
    /** So that the seeds that found something among connections alone have those still. */
    private static final long PIECES = 11_000_033;

    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(Integer.getInteger("faults.limitSeconds", 40));
    private static final List<Set<Feature>> LACKING = List.of(
            EnumSet.noneOf(Feature.class),
            EnumSet.noneOf(Feature.class),
            EnumSet.of(Feature.PBUF_INC),
            EnumSet.of(
                    Feature.PBUF_INC,
                    Feature.NO_SQARRAY,
                    Feature.CLONE_BUFFERS,
                    Feature.FIXED_SENDMSG,
                    Feature.NO_IOWAIT,
                    Feature.CACHESTAT),
            EnumSet.allOf(Feature.class));

    private final Random random;
    private final FaultPlan plan;
    private final Path folder;
    private final String configuration;
    private final UringConfig config;
    private final Set<Feature> lacking;
    private final List<String> wrong = new ArrayList<>();
    private final List<UringMetrics> metrics = new ArrayList<>();
    private final Random pieceRandom;
    private final Set<Piece.Kind> kinds = EnumSet.noneOf(Piece.Kind.class);
    private final List<Piece> pieces = new ArrayList<>();
    private final boolean connects;
    private Site site;
    private Workload workload;
    private final boolean endsInTheMiddle;

    FaultRun(long seed, Path folder) {
        random = new Random(seed);
        plan = new FaultPlan(random.nextLong());
        this.folder = folder;
        lacking = LACKING.get(random.nextInt(LACKING.size()));
        int submissions = 8 << (2 * random.nextInt(4));
        int completions = Math.max(submissions, 16 << (2 * random.nextInt(5)));
        int size = 1024 << random.nextInt(9);
        int buffers = 2 << random.nextInt(5);
        long limit = random.nextBoolean() ? (long) size * buffers * 8 : 64L << 20;
        Exhaustion exhaustion = random.nextBoolean() ? Exhaustion.PAUSE : Exhaustion.ALLOCATE;
        endsInTheMiddle = random.nextInt(5) == 0;
        pieceRandom = new Random(~seed + PIECES);
        connects = choosePieces();
        config = UringConfig.builder()
                .submissionEntries(submissions)
                .completionEntries(completions)
                .receiveBufferSize(size)
                .receiveBuffers(buffers)
                .receiveMemoryLimit(limit)
                .exhaustion(exhaustion)
                .slabSize(Math.max(65_536, size))
                .build();
        configuration =
                submissions + " submissions, " + completions + " completions, " + buffers + " buffers of " + size
                        + ", limit " + limit + ' ' + exhaustion + ", without " + lacking
                        + (endsInTheMiddle ? ", loops end in the middle" : "");
    }

    /** Half of the seeds have nothing but connections, which most of the others do not have. */
    private boolean choosePieces() {
        boolean alone = pieceRandom.nextInt(3) == 0;
        boolean beside = pieceRandom.nextInt(3) == 0;
        for (Piece.Kind kind : Piece.Kind.values()) {
            if (!alone && pieceRandom.nextInt(Piece.Kind.values().length) == 0) {
                kinds.add(kind);
            }
        }
        return beside || kinds.isEmpty();
    }

    /** Returns what went wrong. */
    List<String> run() throws Exception {
        Set<String> descriptors = openDescriptors();
        ScheduledExecutorService others = Executors.newScheduledThreadPool(2, new DefaultThreadFactory("others", true));
        Path file = folder.resolve("pattern");
        Pattern.write(file);
        workload = new Workload(random, others, file, endsInTheMiddle, pieceRandom);
        Kernel.plan(plan);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                LOOPS, new DefaultThreadFactory("uring", true), OlderKernel.without(config, lacking));
        try {
            begin(loops, others);
            awaitEnd();
        } finally {
            loops.shutdownGracefully(0, 10, TimeUnit.SECONDS);
            if (!loops.awaitTermination(LIMIT_NANOS, TimeUnit.NANOSECONDS)) {
                wrong.add("the loops do not end");
                Threads.dump();
            }
            plan.arm(false);
            Kernel.plan(FaultPlan.NONE);
        }
        others.shutdown();
        others.awaitTermination(1, TimeUnit.MINUTES);
        check(descriptors);
        return wrong;
    }

    /** Begins all that is to be done. */
    private void begin(EventLoopGroup loops, ScheduledExecutorService others) throws Exception {
        for (EventExecutor loop : loops) {
            metrics.add(UringMetrics.of(loop));
            loop.submit(() -> {}).sync();
        }
        site = new Site(loops, others, folder, endsInTheMiddle, plan);
        for (Piece.Kind kind : kinds) {
            pieces.add(kind.make(site, new Random(pieceRandom.nextLong())));
        }
        if (connects) {
            workload.begin(loops, folder.resolve("socket"));
        }
        for (Piece piece : pieces) {
            piece.begin();
        }
        plan.arm(true);
        if (connects) {
            workload.connect(loops);
        }
        pieces.forEach(Piece::start);
    }

    private void awaitEnd() throws Exception {
        if (endsInTheMiddle) {
            Thread.sleep(random.nextInt(20));
            return;
        }
        for (Piece piece : pieces) {
            await(piece, piece::isOver);
        }
        await("work ends", site::isQuiet);
        if (!connects) {
            return;
        }
        await("connections end", () -> workload.connections.stream().noneMatch(one -> one.channel.isOpen()));
        workload.server().close().await(1, TimeUnit.MINUTES);
        await("accepted connections end", () -> workload.accepted.stream().noneMatch(Channel::isOpen));
    }

    private void await(Object what, BooleanSupplier condition) throws InterruptedException {
        if (isInTime(condition)) {
            return;
        }
        wrong.add("not in time: " + what);
        for (Connection connection : workload.connections) {
            if (connection.channel.isOpen()) {
                System.out.println("  " + connection);
            }
        }
        for (Channel channel : workload.accepted) {
            if (channel.isOpen()) {
                System.out.println("  accepted " + channel);
            }
        }
        Kernel.rings().forEach(ring -> System.out.println("  " + ring));
        metrics.forEach(one -> System.out.println("  in flight " + one.operationsInFlight() + ", kernel "
                + one.receiveBuffers(BufferState.KERNEL) + ", pipeline " + one.receiveBuffers(BufferState.PIPELINE)
                + ", turns " + one.turns() + ", enters " + one.enters()));
        Threads.dump();
    }

    private static boolean isInTime(BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > LIMIT_NANOS) {
                return false;
            }
            Thread.sleep(1);
        }
        return true;
    }

    private void check(Set<String> descriptorsBefore) throws Exception {
        wrong.addAll(workload.faults);
        if (!endsInTheMiddle) {
            boolean mayFail = plan.mayEndConnections();
            for (Connection connection : workload.connections) {
                String fault = connection.fault(mayFail);
                if (fault != null) {
                    wrong.add(fault);
                }
            }
        }
        for (Piece piece : pieces) {
            piece.check(wrong);
        }
        wrong.addAll(site.faults());
        require(!plan.isSpinning(), "a loop spins");
        require(!plan.hasClosedTwice(), "a file descriptor was closed twice");
        for (UringMetrics one : metrics) {
            isInTime(() -> one.operationsInFlight() == 0); // zero copy may be acknowledged after the loop's end
            require(one.operationsInFlight() == 0, one.operationsInFlight() + " operations are in flight");
            require(one.writesAfterReturn() == 0, one.writesAfterReturn() + " buffers written to after their return");
            for (BufferState state : List.of(BufferState.KERNEL, BufferState.PIPELINE, BufferState.RETURNING)) {
                require(one.receiveBuffers(state) == 0, one.receiveBuffers(state) + " receive buffers are " + state);
            }
        }
        site.takeAllBack();
        long start = System.nanoTime();
        Set<String> left = openDescriptors();
        left.removeAll(descriptorsBefore);
        while (!left.isEmpty() && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5)) {
            Thread.sleep(5);
            left = openDescriptors();
            left.removeAll(descriptorsBefore);
        }
        require(left.isEmpty(), "open: " + left);
        Files.deleteIfExists(folder.resolve("socket"));
        Warnings warnings = new Warnings(endsInTheMiddle, plan.mayEndConnections());
        wrong.addAll(warnings.wrong());
        require(
                site.unanswered().size() + workload.unansweredWrites() <= warnings.lostTasks(),
                "not done: " + site.unanswered() + ", " + workload.unansweredWrites() + " writes of connections");
    }

    /** The process's sockets, rings, eventfds, pipes and test files. */
    private Set<String> openDescriptors() throws IOException {
        Set<String> open = new TreeSet<>(OpenFiles.targets());
        String tests = folder.toRealPath() + "/";
        open.removeIf(target -> target.startsWith("/") && !target.startsWith(tests));
        return open;
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            wrong.add(otherwise);
        }
    }

    @Override
    public String toString() {
        return (connects ? workload + "; " : "") + pieces + "; " + configuration + "; " + plan + "; injected"
                + plan.injected();
    }
}
