// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jfr;

/**
 * Times the turns of one event loop while Java Flight Recorder wants to know of slow ones: from when the loop was told what
 * happened until it looks again, all tasks in between included, and no waiting. While it does not, a turn costs a look at
 * whether it does. Loop thread only.
 */
public final class TurnTimer {
    /** For all turns: nothing is allocated for those that are not slow. {@code null} before a recording. */
    private SlowTurnEvent event;

    private boolean timing;
    private long startNanos;

    /** The loop begins to work. */
    public void begin() {
        if (FlightEvents.isStarted()) {
            beginIfEnabled();
        }
    }

    private void beginIfEnabled() {
        if (event == null) {
            event = new SlowTurnEvent();
        }
        timing = event.isEnabled();
        if (timing) {
            event.begin();
            startNanos = System.nanoTime();
        }
    }

    /**
     * It has handled what completed, and goes on with tasks.
     *
     * @param completions how many operations' completions that were
     */
    public void handled(int completions) {
        if (timing) {
            event.handlers = System.nanoTime() - startNanos;
            event.completions = completions;
        }
    }

    /** It begins another turn. */
    public void end() {
        if (timing) {
            timing = false;
            event.end();
            if (event.shouldCommit()) {
                event.commit();
            }
        }
    }
}
