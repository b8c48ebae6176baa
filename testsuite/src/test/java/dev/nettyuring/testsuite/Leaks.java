// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Every leak that Netty's detector finds. */
public final class Leaks {
    private static final int GC_ROUNDS = 3;
    private static final long GC_PAUSE_MILLIS = 30;
    private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();

    private Leaks() {}

    /** From now on leaks are recorded; must come before the first ByteBuf. */
    public static void record() {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Override
            @Deprecated
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                    Class<T> resource, int samplingInterval, long maxActive) {
                return new RecordingDetector<>(resource, samplingInterval);
            }

            @Override
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
                return new RecordingDetector<>(resource, samplingInterval);
            }
        });
    }

    /** Collects garbage so that what was dropped without release is found, and takes the reports since the last call. */
    public static List<String> find() throws InterruptedException {
        for (int round = 0; round < GC_ROUNDS; round++) {
            System.gc();
            Thread.sleep(GC_PAUSE_MILLIS);
            // the detectors report when they track something new
            UnpooledByteBufAllocator.DEFAULT.directBuffer(1).release();
            Unpooled.compositeBuffer().release();
        }
        List<String> found = new ArrayList<>();
        for (String report = REPORTS.poll(); report != null; report = REPORTS.poll()) {
            found.add(report);
        }
        return found;
    }

    private static final class RecordingDetector<T> extends ResourceLeakDetector<T> {
        @SuppressWarnings("deprecation") // the constructor is how a factory makes one
        RecordingDetector(Class<?> resource, int samplingInterval) {
            super(resource, samplingInterval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resource, String records) {
            REPORTS.add(resource + " was not released" + records);
        }

        @Override
        protected void reportUntracedLeak(String resource) {
            REPORTS.add(resource + " was not released");
        }
    }
}
