// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Ring;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.ArrayList;
import java.util.List;

/** The handles on a loop, in no order: each registration knows its place. Loop thread only. */
final class Registrations {
    private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(Registrations.class);
    private static final int CANCELLED = -1;

    private final UringIoHandler handler;
    private final Ring ring;
    private final List<Registration> registrations = new ArrayList<>();

    Registrations(UringIoHandler handler, Ring ring) {
        this.handler = handler;
        this.ring = ring;
    }

    IoRegistration add(UringIoHandle handle) {
        Registration registration = new Registration(handle, registrations.size());
        registrations.add(registration);
        return registration;
    }

    /** The last takes its place. */
    private void remove(Registration registration) {
        Registration last = registrations.remove(registrations.size() - 1);
        if (last != registration) {
            last.place = registration.place;
            registrations.set(last.place, last);
        }
        registration.place = CANCELLED;
    }

    /** Closes all handles; they cancel their registrations, now or when their operations have ended. */
    void closeAll() {
        for (Registration registration : new ArrayList<>(registrations)) {
            try {
                registration.handle.close();
            } catch (Exception e) {
                LOGGER.warn("Failed to close {} while shutting down", registration.handle, e);
            }
        }
    }

    /** One handle on the loop, and the owner of its operations. */
    private final class Registration implements IoRegistration, Operation.Owner {
        private final UringIoHandle handle;
        /** Where it is in the list, or {@link #CANCELLED}. */
        private int place;

        private int operations;

        Registration(UringIoHandle handle, int place) {
            this.handle = handle;
            this.place = place;
        }

        /** The handler, for this package's channels. */
        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as the interface has it
        public <T> T attachment() {
            return (T) handler;
        }

        /**
         * Puts an operation into the submission queue. Loop thread only.
         *
         * @return how many operations of this registration are in flight, or -1 if it is cancelled
         */
        @Override
        public long submit(IoOps ops) {
            if (!isValid()) {
                return -1;
            }
            ring.submit((Operation) ops, this);
            return ++operations;
        }

        @Override
        public boolean isValid() {
            return place != CANCELLED;
        }

        @Override
        public boolean cancel() {
            if (!isValid()) {
                return false;
            }
            remove(this);
            if (operations == 0) {
                handle.unregistered();
            }
            return true;
        }

        @Override
        public void ended(Operation operation) {
            if (--operations == 0 && !isValid()) {
                handle.unregistered();
            }
        }

        @Override
        public void threw(Operation operation, Throwable cause) {
            LOGGER.warn("Unexpected exception while completing {}", operation, cause);
            handle.threw(cause);
        }
    }
}
