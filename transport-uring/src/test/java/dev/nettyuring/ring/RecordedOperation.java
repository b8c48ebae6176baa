// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import dev.nettyuring.jni.Abi;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** An operation of a test's making, its own owner, that remembers everything that it is told. */
class RecordedOperation extends Operation implements Operation.Owner {
    final List<Integer> results = new ArrayList<>();
    final List<Throwable> thrown = new ArrayList<>();
    boolean ended;

    private final Consumer<Submission> request;

    RecordedOperation(Consumer<Submission> request) {
        this.request = request;
    }

    static RecordedOperation nop() {
        return new RecordedOperation(sqe -> sqe.operation(Abi.IORING_OP_NOP, -1));
    }

    /** One that stays in flight until the fd has the events, or for ever. */
    static RecordedOperation poll(int fd, int events) {
        return new RecordedOperation(
                sqe -> sqe.operation(Abi.IORING_OP_POLL_ADD, fd).operationFlags(events));
    }

    RecordedOperation submitTo(Ring ring) {
        ring.submit(this, this);
        return this;
    }

    /** The result of an operation that completed once. */
    int result() {
        if (results.size() != 1) {
            throw new AssertionError("completed " + results.size() + " times: " + results);
        }
        return results.get(0);
    }

    @Override
    protected void encode(Submission sqe) {
        request.accept(sqe);
    }

    @Override
    protected void complete(int result, int flags, boolean last) {
        results.add(result);
    }

    @Override
    public void ended(Operation operation) {
        ended = true;
    }

    @Override
    public void threw(Operation operation, Throwable cause) {
        thrown.add(cause);
    }
}
