// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** A part of a test that a thread of its own runs, such as a client that writes more than fits between it and the reader. */
final class Background {
    private static final int LIMIT_SECONDS = 20;

    private final FutureTask<Void> task;

    private Background(FutureTask<Void> task) {
        this.task = task;
    }

    /** What may throw anything. */
    interface Task {
        void run() throws Exception;
    }

    static Background run(Task task) {
        FutureTask<Void> future = new FutureTask<>(() -> {
            task.run();
            return null;
        });
        Thread thread = new Thread(future, "test in the background");
        thread.setDaemon(true);
        thread.start();
        return new Background(future);
    }

    /** Waits for its end, of whichever kind: whom it talked to may be gone. */
    void endedSomehow() throws Exception {
        try {
            join();
        } catch (ExecutionException itsPeerIsGone) {
            // as it may be
        }
    }

    /** Waits for its end; throws what it threw. */
    void join() throws Exception {
        task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
