// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Another thread. */
final class Elsewhere {
    private static final ExecutorService THREAD = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "elsewhere");
        thread.setDaemon(true);
        return thread;
    });

    private Elsewhere() {}

    /** Returns, or throws, when the step is done. */
    static void run(Runnable step) {
        try {
            CompletableFuture.runAsync(step, THREAD).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error) {
                throw (Error) e.getCause();
            }
            throw e;
        }
    }
}
