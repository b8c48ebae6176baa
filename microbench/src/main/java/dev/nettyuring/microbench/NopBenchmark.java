// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.microbench;

import dev.nettyuring.channel.Uring;
import dev.nettyuring.jni.Abi;
import dev.nettyuring.ring.Operation;
import dev.nettyuring.ring.Ring;
import dev.nettyuring.ring.Submission;
import dev.nettyuring.ring.Wakeup;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Operations that do nothing, on a real ring: what the kernel takes for one, and what we do around it. */
public class NopBenchmark extends BufferBenchmark {
    private static final int MOST = 64;

    /** A ring. */
    @State(Scope.Thread)
    public static class Nops {
        private final Operation[] operations = new Operation[MOST];
        private final Owner owner = new Owner();
        private Ring ring;
        private Wakeup wakeup;

        /** Opens it. */
        @Setup
        public void setUp() throws IOException {
            ring = Ring.open(MOST, MOST, Uring.features());
            ring.enable();
            wakeup = new Wakeup();
            for (int i = 0; i < MOST; i++) {
                operations[i] = new Nop();
            }
        }

        /** Closes it. */
        @TearDown
        public void tearDown() {
            wakeup.close();
            ring.close();
        }

        private int turn(int count) {
            for (int i = 0; i < count; i++) {
                ring.submit(operations[i], owner);
            }
            ring.enter();
            return ring.dispatchCompletions(wakeup);
        }
    }

    /** One a call. */
    @Benchmark
    public int alone(Nops nops) {
        return nops.turn(1);
    }

    /** 64 a call. */
    @Benchmark
    @OperationsPerInvocation(MOST)
    public int together(Nops nops) {
        return nops.turn(MOST);
    }

    private static final class Nop extends Operation {
        @Override
        protected void encode(Submission sqe) {
            sqe.operation(Abi.IORING_OP_NOP, -1);
        }

        @Override
        protected void complete(int result, int flags, boolean last) {
            // which is all that it does
        }
    }

    private static final class Owner implements Operation.Owner {
        @Override
        public void ended(Operation operation) {
            // and may be submitted again
        }

        @Override
        public void threw(Operation operation, Throwable cause) {
            throw new AssertionError(cause);
        }
    }
}
