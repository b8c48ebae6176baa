// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.buffer.ReceiveMemory;
import dev.nettyuring.buffer.ReceivePool;
import dev.nettyuring.buffer.Slab;
import dev.nettyuring.buffer.SlabReceivePool;
import dev.nettyuring.ring.Feature;
import dev.nettyuring.ring.RingSize;
import io.netty.util.internal.ObjectUtil;

/**
 * Sizes and limits of each event loop. {@link #DEFAULT} suits most servers; {@link #builder()} changes one thing at a time.
 * Immutable.
 *
 * <p>Of the settings that a deployment may want to change, system properties set the default: {@code
 * -Ddev.nettyuring.receiveBufferSize}, {@code receiveBuffers}, {@code receiveMemoryLimit}, {@code exhaustion}, {@code
 * submissionEntries}, {@code completionEntries} and {@code spinMicros}, to what the builder's methods of the same name take. What a program sets
 * itself goes before.
 */
public final class UringConfig {
    private static final int MIN_ENTRIES = 8;
    private static final int MAX_SUBMISSION_ENTRIES = 1 << 15;
    private static final int MAX_COMPLETION_ENTRIES = 1 << 16;
    private static final int MIN_RECEIVE_BUFFER_SIZE = 1 << 10;
    private static final int MAX_RECEIVE_BUFFER_SIZE = 1 << 20;
    private static final int MIN_RECEIVE_BUFFERS = 1;
    private static final int MAX_RECEIVE_BUFFERS = 1 << 12;
    private static final int MIN_SLAB_SIZE = 1 << 16;
    private static final int MAX_SLAB_SIZE = 1 << 26;
    private static final int MAX_FILE_WORKERS = 1 << 10;
    private static final int MAX_SPIN_MICROS = 1_000_000;

    /** What becomes of reading when a loop has lent all the receive memory it may. */
    public enum Exhaustion {
        /** Channels pause, and go on, in the order in which they paused, as handlers release what they hold. */
        PAUSE,
        /**
         * Channels go on with buffers of their own {@link io.netty.channel.ChannelOption#ALLOCATOR allocator}, at two
         * operations a read; that memory is not bounded.
         */
        ALLOCATE
    }

    /** All defaults. */
    public static final UringConfig DEFAULT = defaults();

    private final int submissionEntries;
    private final int completionEntries;
    private final int receiveBufferSize;
    private final int receiveBuffers;
    private final long receiveMemoryLimit;
    private final int slabSize;
    private final int fileWorkers;
    private final int spinMicros;
    private final Slab.Prefault prefault;
    private final boolean hugePages;
    private final boolean scrubOnRelease;
    private final ReceivePool receivePool;
    private final Exhaustion exhaustion;

    private UringConfig(Builder builder) {
        submissionEntries = builder.submissionEntries;
        completionEntries = builder.completionEntries;
        receiveBufferSize = builder.receiveBufferSize;
        receiveBuffers = builder.receiveBuffers;
        receiveMemoryLimit = builder.receiveMemoryLimit;
        slabSize = builder.slabSize;
        fileWorkers = builder.fileWorkers;
        spinMicros = builder.spinMicros;
        prefault = builder.prefault;
        hugePages = builder.hugePages;
        scrubOnRelease = builder.scrubOnRelease;
        receivePool = builder.receivePool;
        exhaustion = builder.exhaustion;
    }

    /**
     * A builder that holds the defaults.
     *
     * @throws IllegalArgumentException if a system property sets a default that cannot be
     */
    public static Builder builder() {
        return new Builder().readProperties();
    }

    /** Without those that are wrong: a class that cannot be initialized would hide why. */
    private static UringConfig defaults() {
        try {
            return builder().build();
        } catch (IllegalArgumentException wrongProperty) {
            return new Builder().build();
        }
    }

    /**
     * Tells what {@link #DEFAULT}, and what is found out once, kept to itself.
     *
     * @throws IllegalArgumentException if a system property of this transport's has a value that cannot be
     */
    static void checkProperties() {
        builder().build();
        ZeroCopy.preset();
        SystemDefaults.checkBoolean("poison");
        Feature.allowed();
    }

    /**
     * What each event loop's io_uring takes, in bytes, and newer kernels charge to RLIMIT_MEMLOCK. A page or two for its rings of
     * receive buffers come on top, and memory that is sent from by zero copy.
     */
    public long ringBytes() {
        return RingSize.bytes(submissionEntries, completionEntries);
    }

    int submissionEntries() {
        return submissionEntries;
    }

    int completionEntries() {
        return completionEntries;
    }

    Exhaustion exhaustion() {
        return exhaustion;
    }

    int fileWorkers() {
        return fileWorkers;
    }

    int spinMicros() {
        return spinMicros;
    }

    int receiveBufferSize() {
        return receiveBufferSize;
    }

    int receiveBuffers() {
        return receiveBuffers;
    }

    long receiveMemoryLimit() {
        return receiveMemoryLimit;
    }

    /** Of a group of buffers. */
    ReceiveMemory memory(int bufferSize, int depth, int maxDepth, int limit, boolean incremental) {
        ReceivePool pool = receivePool != null ? receivePool : new SlabReceivePool(prefault, hugePages);
        return new ReceiveMemory(bufferSize, depth, maxDepth, limit, incremental, slabSize, scrubOnRelease, pool);
    }

    /** Collects the settings of a {@link UringConfig}. */
    public static final class Builder {
        private int submissionEntries = 512;
        private int completionEntries = 4096;
        private int receiveBufferSize;
        private int receiveBuffers;
        private long receiveMemoryLimit = 256L << 20;
        private int slabSize = 1 << 20;
        private int fileWorkers = 4;
        private int spinMicros;
        private Slab.Prefault prefault = Slab.Prefault.UP_FRONT;
        private boolean hugePages;
        private boolean scrubOnRelease;
        private ReceivePool receivePool;
        private Exhaustion exhaustion = Exhaustion.PAUSE;

        private Builder() {}

        private Builder readProperties() {
            submissionEntries = SystemDefaults.powerOfTwo(
                    "submissionEntries", submissionEntries, MIN_ENTRIES, MAX_SUBMISSION_ENTRIES);
            completionEntries = SystemDefaults.powerOfTwo(
                    "completionEntries", completionEntries, MIN_ENTRIES, MAX_COMPLETION_ENTRIES);
            receiveBufferSize = (int) SystemDefaults.number(
                    "receiveBufferSize", receiveBufferSize, MIN_RECEIVE_BUFFER_SIZE, MAX_RECEIVE_BUFFER_SIZE);
            receiveBuffers = (int)
                    SystemDefaults.number("receiveBuffers", receiveBuffers, MIN_RECEIVE_BUFFERS, MAX_RECEIVE_BUFFERS);
            receiveMemoryLimit = SystemDefaults.number(
                    "receiveMemoryLimit", receiveMemoryLimit, MIN_RECEIVE_BUFFER_SIZE, Long.MAX_VALUE);
            exhaustion = SystemDefaults.constant("exhaustion", exhaustion);
            spinMicros = (int) SystemDefaults.number("spinMicros", spinMicros, 0, MAX_SPIN_MICROS);
            return this;
        }

        /**
         * Entries of the submission queue. When more operations than that are begun in one turn of the loop, it makes a
         * system call in between.
         *
         * @param entries a power of two from 8 to 32,768; default 512, or what {@code -Ddev.nettyuring.submissionEntries}
         *     says
         */
        public Builder submissionEntries(int entries) {
            checkEntries("submissionEntries", entries, MAX_SUBMISSION_ENTRIES);
            submissionEntries = entries;
            return this;
        }

        /**
         * Entries of the completion queue. When more completions than that arrive in one turn of the loop, the kernel keeps
         * the rest for the next, at some cost.
         *
         * @param entries a power of two from 8 to 65,536, and not less than the submission queue's; default 4,096, or what
         *     {@code -Ddev.nettyuring.completionEntries} says
         */
        public Builder completionEntries(int entries) {
            checkEntries("completionEntries", entries, MAX_COMPLETION_ENTRIES);
            completionEntries = entries;
            return this;
        }

        /**
         * The size of one receive buffer: the most bytes that one read brings.
         *
         * <p>Where the kernel consumes buffers piece by piece (6.12), the default is 524,288; docs/experiments.md has the
         * figures. Below, each message takes a whole buffer, and there are two sizes: 4,096 bytes for messages, and 524,288
         * (with less than 8 MiB of {@linkplain #receiveMemoryLimit(long) limit} a smaller power of two, 65,536 at the least) for
         * channels that get bulk, which move from one to the other by themselves. This setting, or
         * {@link #receiveBuffers(int)}, makes it one size for all there too.
         *
         * @param bytes from 1,024 to 1,048,576; default as above, or what {@code -Ddev.nettyuring.receiveBufferSize} says
         */
        public Builder receiveBufferSize(int bytes) {
            check("receiveBufferSize", bytes, MIN_RECEIVE_BUFFER_SIZE, MAX_RECEIVE_BUFFER_SIZE);
            receiveBufferSize = bytes;
            return this;
        }

        /**
         * How many receive buffers a loop has ready. What it uses stays in the processor's cache only if it is little: 1 MiB
         * of them took 0.7 times the CPU time that 4 MiB did (docs/experiments.md). Where each message takes a whole buffer
         * (before 6.12) there are up to four times as many while the kernel finds none left, though not of those for bulk.
         *
         * <p>Where the kernel does not consume buffers piece by piece (before 6.12), and neither this nor
         * {@link #receiveBufferSize(int)} is set, there are 128 buffers of 4,096 bytes, and 2 of 524,288 once a channel gets
         * bulk; with this set alone they are of 16,384 bytes.
         *
         * @param buffers from 1 to 4,096; default as many as make 1 MiB, or the {@linkplain #receiveMemoryLimit(long) limit}
         *     if that is less; or what {@code -Ddev.nettyuring.receiveBuffers} says
         */
        public Builder receiveBuffers(int buffers) {
            check("receiveBuffers", buffers, MIN_RECEIVE_BUFFERS, MAX_RECEIVE_BUFFERS);
            receiveBuffers = buffers;
            return this;
        }

        /**
         * The most memory that a loop lends for receiving, to the kernel and to handlers together. At the limit its channels
         * stop reading until handlers release something.
         *
         * <p>Who keeps a part of something until the rest comes, as decoders do, keeps the buffer that it lies in. When such
         * parts take the whole limit, nothing is read any more until one is given up: leave room for a message of each
         * connection, or let the loop {@linkplain Exhaustion#ALLOCATE allocate}.
         *
         * <p>For datagrams there are buffers apart, of 69,632 bytes, and of 4,096 for channels that
         * {@linkplain UringChannelOption#MAX_DATAGRAM_PAYLOAD_SIZE bound the size} of what they receive; either may take half
         * as much again, and never less than two buffers.
         *
         * <p>Where there are {@linkplain #receiveBufferSize(int) two sizes} of buffers, each may have half of it, and only the
         * channels that receive into the one that is used up stop.
         *
         * @param bytes not less than the receive buffers at rest; default 268,435,456 (256 MiB), or what
         *     {@code -Ddev.nettyuring.receiveMemoryLimit} says. No more than 32,768 buffers of a size are used
         */
        public Builder receiveMemoryLimit(long bytes) {
            check("receiveMemoryLimit", bytes, MIN_RECEIVE_BUFFER_SIZE, Long.MAX_VALUE);
            receiveMemoryLimit = bytes;
            return this;
        }

        /**
         * What becomes of reading at the {@linkplain #receiveMemoryLimit(long) limit}.
         *
         * @param exhaustion default {@link Exhaustion#PAUSE}, or what {@code -Ddev.nettyuring.exhaustion} says
         */
        public Builder exhaustion(Exhaustion exhaustion) {
            this.exhaustion = ObjectUtil.checkNotNull(exhaustion, "exhaustion");
            return this;
        }

        /**
         * How much receive memory is mapped at once, when a loop needs more of it.
         *
         * @param bytes a power of two from 65,536 to 67,108,864; default 1,048,576. One receive buffer is the least
         */
        public Builder slabSize(int bytes) {
            check("slabSize", bytes, MIN_SLAB_SIZE, MAX_SLAB_SIZE);
            if (Integer.bitCount(bytes) != 1) {
                throw new IllegalArgumentException("slabSize: " + bytes + " (expected: a power of two)");
            }
            slabSize = bytes;
            return this;
        }

        /**
         * How many of the kernel's threads each loop may have wait for files, where it cannot do without any: as where the file
         * system cannot say that it would have to wait. What comes when all of them wait is done later.
         *
         * @param workers from 1 to 1,024; default 4
         */
        public Builder fileWorkers(int workers) {
            check("fileWorkers", workers, 1, MAX_FILE_WORKERS);
            fileWorkers = workers;
            return this;
        }

        /**
         * How long a loop with nothing to do goes on looking for something before it sleeps. To wake a loop that sleeps takes time
         * of whoever does: with a processor of its own, a loop that spins answers sooner, and takes more CPU time. HTTP hello over
         * one connection took 60 for 75 &micro;s, and 41 for 32 &micro;s of CPU, with 20 here (docs/experiments.md). It is spun for
         * once before each sleep, so that an idle loop sleeps all the same.
         *
         * @param micros microseconds, from 0, not to spin, to 1,000,000; default 0, or what {@code -Ddev.nettyuring.spinMicros}
         *     says
         */
        public Builder spinMicros(int micros) {
            check("spinMicros", micros, 0, MAX_SPIN_MICROS);
            spinMicros = micros;
            return this;
        }

        /**
         * When the pages of receive memory are faulted in.
         *
         * @param when default {@link Slab.Prefault#UP_FRONT}
         */
        public Builder prefault(Slab.Prefault when) {
            prefault = ObjectUtil.checkNotNull(when, "when");
            return this;
        }

        /**
         * Whether transparent huge pages are asked for. They spare page-table look-ups when much memory is in use, and take
         * effect only with slabs of 2 MiB and more, and where
         * {@code /sys/kernel/mm/transparent_hugepage/enabled} is {@code always} or {@code madvise}.
         *
         * @param hugePages default {@code false}
         */
        public Builder hugePages(boolean hugePages) {
            this.hugePages = hugePages;
            return this;
        }

        /**
         * Whether received bytes are cleared when their buffer is released, before anything else can be received into it. It
         * costs writing every byte once more.
         *
         * @param scrub default {@code false}
         */
        public Builder scrubOnRelease(boolean scrub) {
            scrubOnRelease = scrub;
            return this;
        }

        /**
         * Where receive memory comes from, instead of slabs that the loop maps. {@link #prefault} and {@link #hugePages} are
         * then the pool's affair.
         *
         * @param pool used by all loops, each on its own thread; default {@code null}, for slabs
         */
        public Builder receivePool(ReceivePool pool) {
            receivePool = pool;
            return this;
        }

        /**
         * The configuration.
         *
         * @throws IllegalArgumentException if the settings contradict each other
         */
        public UringConfig build() {
            if (hugePages && slabSize < Slab.HUGE_PAGE) {
                throw new IllegalArgumentException("slabSize: " + slabSize + " (expected: at least the "
                        + Slab.HUGE_PAGE + " bytes of a huge page, since hugePages is set)");
            }
            if (completionEntries < submissionEntries) {
                throw new IllegalArgumentException("completionEntries: " + completionEntries
                        + " (expected: at least the " + submissionEntries + " submissionEntries)");
            }
            UringConfig config = new UringConfig(this);
            for (boolean incremental : new boolean[] {true, false}) {
                long resting = ReceiveSizes.of(config, incremental).stream()
                        .mapToLong(memory -> (long) memory.depth() * memory.bufferSize())
                        .sum();
                if (resting > receiveMemoryLimit) {
                    throw new IllegalArgumentException("receiveMemoryLimit: " + receiveMemoryLimit
                            + " (expected: at least the " + resting + " bytes of the receive buffers at rest)");
                }
            }
            return config;
        }

        private static void checkEntries(String name, int entries, int max) {
            if (entries < MIN_ENTRIES || entries > max || Integer.bitCount(entries) != 1) {
                throw new IllegalArgumentException(
                        name + ": " + entries + " (expected: a power of two from " + MIN_ENTRIES + " to " + max + ")");
            }
        }

        private static void check(String name, long value, long min, long max) {
            if (value < min || value > max) {
                throw new IllegalArgumentException(
                        name + ": " + value + " (expected: " + SystemDefaults.range(min, max) + ")");
            }
        }
    }
}
