// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jfr;

import java.net.InetAddress;
import jdk.jfr.FlightRecorder;

/**
 * What Java Flight Recorder is told, if the JVM has it (module {@code jdk.jfr}) and records: without, each method does nothing,
 * and no class of it is needed. Any thread.
 */
public final class FlightEvents {
    /** A channel's reading pauses, or goes on with allocated memory. */
    public static final String BUFFER_EXHAUSTED = "dev.nettyuring.BufferExhausted";
    /** The completion queue was too short. */
    public static final String COMPLETION_OVERFLOW = "dev.nettyuring.CompletionOverflow";
    /** Sends to a peer are copied for a while. */
    public static final String ZERO_COPY_PAUSED = "dev.nettyuring.ZeroCopyPaused";
    /** Memory to send from could not be registered. */
    public static final String REGISTRATION_REFUSED = "dev.nettyuring.RegistrationRefused";
    /** Handlers and tasks kept the loop for longer than the threshold. */
    public static final String SLOW_TURN = "dev.nettyuring.SlowTurn";

    static final String CATEGORY = "Netty";
    static final String SUBCATEGORY = "io_uring";

    private static final boolean AVAILABLE = isAvailable();

    private FlightEvents() {}

    private static boolean isAvailable() {
        try {
            Class.forName("jdk.jfr.FlightRecorder", false, FlightEvents.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError noFlightRecorder) {
            return false;
        }
    }

    /**
     * Whether anybody has asked for the Flight Recorder yet. Before, no event class may be used: initialising one would start
     * it, which takes tenths of a second.
     */
    static boolean isStarted() {
        return AVAILABLE && FlightRecorder.isInitialized();
    }

    /**
     * A channel had nothing to receive into.
     *
     * @param channel named by its {@code toString()}
     * @param receiveMemory how many bytes are in use
     */
    public static void bufferExhausted(Object channel, long receiveMemory) {
        if (isStarted()) {
            BufferExhaustedEvent.record(channel, receiveMemory);
        }
    }

    /** A completion queue of so many entries overflowed, while so many operations were in flight. */
    public static void completionOverflow(int entries, int operations) {
        if (isStarted()) {
            CompletionOverflowEvent.record(entries, operations);
        }
    }

    /**
     * What is sent to a peer is copied for a while.
     *
     * @param reason COPIED, or the error
     */
    public static void zeroCopyPaused(InetAddress peer, String reason, long pauseNanos) {
        if (isStarted()) {
            ZeroCopyPausedEvent.record(peer, reason, pauseNanos);
        }
    }

    /**
     * Memory to send from could not be registered.
     *
     * @param size of that, in bytes
     * @param registered how many bytes are registered already
     */
    public static void registrationRefused(String reason, long size, long registered) {
        if (isStarted()) {
            RegistrationRefusedEvent.record(reason, size, registered);
        }
    }
}
