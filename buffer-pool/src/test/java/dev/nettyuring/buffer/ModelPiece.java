// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Received bytes that somebody still has: the buffer and the views that were made of it, and what is to be read there. */
final class ModelPiece {
    /** How a further reference to a piece is got. */
    enum Derivation {
        RETAIN,
        RETAINED_SLICE,
        READ_RETAINED_SLICE,
        RETAINED_DUPLICATE,
        DUPLICATE_AND_RETAIN
    }

    /** One reference. A length of {@link #WHOLE} follows the piece when it grows. */
    private record Reference(ByteBuf buf, int offset, int length) {}

    private static final int WHOLE = -1;

    /** The buffer it keeps, or {@code null}. */
    ModelBuffer buffer;

    /** How many bytes of that are its. */
    final int received;

    private final ByteBuf root;
    private final List<Reference> references = new ArrayList<>();
    private byte[] content;

    ModelPiece(ByteBuf root, ModelBuffer buffer, byte[] content) {
        this.root = root;
        this.buffer = buffer;
        this.content = content;
        received = content.length;
        references.add(new Reference(root, 0, WHOLE));
    }

    int length() {
        return content.length;
    }

    long address() {
        return RawMemory.addressOf(root);
    }

    /** How many references to it there are. */
    int references() {
        return references.size();
    }

    /** Takes a reference away, for somebody to release it. */
    ByteBuf remove(int which) {
        return references.remove(which % references.size()).buf;
    }

    void derive(Derivation derivation, int from, int length) {
        int offset = from % (content.length + 1);
        int sliced = Math.min(length, content.length - offset);
        switch (derivation) {
            case RETAIN:
                references.add(new Reference(root.retain(), 0, WHOLE));
                break;
            case RETAINED_SLICE:
                references.add(new Reference(root.retainedSlice(offset, sliced), offset, sliced));
                break;
            case READ_RETAINED_SLICE:
                int readerIndex = root.readerIndex();
                int read = Math.min(length, root.readableBytes());
                references.add(new Reference(root.readRetainedSlice(read), readerIndex, read));
                assertThat(root.readerIndex()).isEqualTo(readerIndex + read);
                break;
            case RETAINED_DUPLICATE:
                references.add(new Reference(root.retainedDuplicate(), 0, WHOLE));
                break;
            default:
                references.add(new Reference(root.duplicate().retain(), 0, WHOLE));
        }
    }

    /** Slices of what goes would be of no use any more. */
    boolean mayHaveCapacity(int capacity) {
        return references.stream().allMatch(reference -> reference.offset + reference.length <= capacity);
    }

    /** Sets the capacity, and writes to what is new. */
    void resize(int capacity, byte filling) {
        int before = content.length;
        root.capacity(capacity);
        content = Arrays.copyOf(content, capacity);
        for (int i = before; i < capacity; i++) {
            content[i] = filling;
            root.setByte(i, filling);
        }
    }

    /** Writes through one of the views. */
    void write(int which, int at, byte value) {
        Reference reference = references.get(which % references.size());
        int length = reference.length == WHOLE ? content.length : reference.length;
        if (length > 0) {
            reference.buf.setByte(at % length, value);
            content[reference.offset + at % length] = value;
        }
    }

    void check() {
        assertThat(root.refCnt()).as("references").isEqualTo(references.size());
        for (Reference reference : references) {
            int length = reference.length == WHOLE ? content.length : reference.length;
            assertThat(reference.buf.capacity()).as("capacity").isEqualTo(length);
            int mismatch =
                    reference.buf.nioBuffer(0, length).mismatch(ByteBuffer.wrap(content, reference.offset, length));
            if (mismatch >= 0) {
                throw new AssertionError("byte " + mismatch + " of " + length + " differs, in " + reference.buf);
            }
        }
    }
}
