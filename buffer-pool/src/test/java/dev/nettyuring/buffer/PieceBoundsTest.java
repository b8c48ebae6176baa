// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nothing that can be called of a piece depends on what lies around it, or changes that: every public method, with arguments
 * at and past its bounds, tells the same whichever of two patterns another connection's pieces before and behind it have.
 */
class PieceBoundsTest {
    private static final int BUFFER_SIZE = 4096;
    private static final int AT = 2048;
    private static final int LENGTH = 24;
    private static final int MOST_ALLOCATED = 1 << 16;
    private static final byte[] PATTERNS = {(byte) 0x3C, (byte) 0xC3};

    private final MethodArguments arguments = new MethodArguments(LENGTH, PATTERNS);

    /** What of a piece handlers have. */
    enum Form {
        PIECE(piece -> piece),
        WRITTEN_IN_PART(piece -> piece.setIndex(3, 10)),
        SHRUNK(piece -> piece.capacity(12)),
        DUPLICATE(ByteBuf::duplicate),
        SLICE(piece -> piece.slice(4, 12)),
        READ_ONLY(ByteBuf::asReadOnly),
        LITTLE_ENDIAN(piece -> piece.order(ByteOrder.LITTLE_ENDIAN));

        private final UnaryOperator<ByteBuf> of;

        Form(UnaryOperator<ByteBuf> of) {
            this.of = of;
        }
    }

    /** Zeroes what it allocates, and not more than a test needs. */
    private static final class Allocator extends AbstractByteBufAllocator {
        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            check(initialCapacity);
            return new UnpooledHeapByteBuf(this, initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            check(initialCapacity);
            return new UnpooledDirectByteBuf(this, initialCapacity, maxCapacity).setZero(0, initialCapacity);
        }

        private static void check(int capacity) {
            if (capacity > MOST_ALLOCATED) {
                throw new OutOfMemoryError("not here");
            }
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }

        @Override
        public String toString() {
            return "allocator";
        }
    }

    /** A buffer full of a pattern, with a piece in the middle. */
    private static final class Surroundings {
        private final ByteBuf slab = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(BUFFER_SIZE));
        private final ByteBufAllocator alloc = new Allocator();
        private final byte[] before;
        private final byte[] behind;
        private final byte[] own = new byte[LENGTH];
        private final ReceiveBuffers pool;

        Surroundings(byte pattern) {
            before = filled(AT, pattern);
            behind = filled(BUFFER_SIZE - AT - LENGTH, pattern);
            for (int i = 0; i < LENGTH; i++) {
                own[i] = (byte) (i + 1);
            }
            ReceiveMemory memory =
                    new ReceiveMemory(BUFFER_SIZE, 1, 1, 1, true, BUFFER_SIZE, false, bytes -> slab.retain());
            pool = new ReceiveBuffers(memory, () -> {});
            pool.ownedBy(Thread.currentThread());
        }

        private static byte[] filled(int length, byte pattern) {
            byte[] bytes = new byte[length];
            Arrays.fill(bytes, pattern);
            return bytes;
        }

        ByteBuf piece() {
            ReceiveBuffer buffer = pool.take();
            buffer.lend();
            slab.setBytes(0, before).setBytes(AT, own).setBytes(AT + LENGTH, behind);
            buffer.filled = BUFFER_SIZE;
            ByteBuf piece = ReceivedByteBuf.newInstance(buffer, AT, LENGTH, alloc);
            buffer.kernelDone();
            return piece;
        }

        void assertUnchanged(String call) {
            byte[] now = new byte[BUFFER_SIZE];
            slab.getBytes(0, now);
            boolean same = Arrays.equals(now, 0, AT, before, 0, AT)
                    && Arrays.equals(now, AT + LENGTH, BUFFER_SIZE, behind, 0, behind.length);
            assertThat(same)
                    .as("what lies around it is unchanged after %s", call)
                    .isTrue();
        }
    }

    private static List<Method> methods() {
        List<Method> methods = new ArrayList<>();
        for (Method method : ReceivedByteBuf.class.getMethods()) {
            if (method.getDeclaringClass() != Object.class
                    && !method.isBridge()
                    && !Modifier.isStatic(method.getModifiers())) {
                methods.add(method);
            }
        }
        return methods;
    }

    @Test
    void thereIsSomethingToCall() {
        assertThat(methods()).hasSizeGreaterThan(150);
    }

    @ParameterizedTest
    @EnumSource
    void nothingTellsOfWhatLiesAround(Form form) throws Exception {
        Surroundings one = new Surroundings(PATTERNS[0]);
        Surroundings other = new Surroundings(PATTERNS[1]);
        for (Method method : methods()) {
            method.setAccessible(true); // the class is not public, but its methods are
            for (List<Supplier<?>> values : arguments.combinations(method.getParameterTypes())) {
                String told = call(one, form, method, values);
                assertThat(call(other, form, method, values)).as("%s", told).isEqualTo(told);
            }
        }
    }

    /** Everything that can be learned by a call, or afterwards. */
    private static String call(Surroundings around, Form form, Method method, List<Supplier<?>> values)
            throws IllegalAccessException {
        Object[] passed = values.stream().map(Supplier::get).toArray();
        ByteBuf piece = around.piece();
        ByteBuf buf = form.of.apply(piece);
        StringBuilder told = new StringBuilder(method.toString()).append(Arrays.deepToString(describe(passed)));
        String call = told.toString();
        try {
            Object result = invoke(method, buf, passed);
            told.append(" -> ").append(isAddress(method) ? "address" : render(result));
            if (result instanceof ByteBuf && ((ByteBuf) result).refCnt() > 0 && isItsOwn(method)) {
                ((ByteBuf) result).release();
            }
        } catch (InvocationTargetException e) {
            told.append(" throws ").append(e.getCause());
        }
        for (Object argument : passed) {
            told.append(" told ").append(MethodArguments.told(argument));
        }
        if (piece.refCnt() > 0) {
            told.append(" then ").append(render(buf));
        }
        if (!Poison.ENABLED) { // which writes to what was given back
            around.assertUnchanged(call);
        }
        if (piece.refCnt() > 0) {
            piece.release(piece.refCnt());
        }
        return told.toString();
    }

    /** The same method of whatever form the piece has. */
    private static Object invoke(Method method, ByteBuf buf, Object[] passed)
            throws IllegalAccessException, InvocationTargetException {
        if (method.getDeclaringClass().isInstance(buf)) {
            return method.invoke(buf, passed);
        }
        try {
            return ByteBuf.class
                    .getMethod(method.getName(), method.getParameterTypes())
                    .invoke(buf, passed);
        } catch (NoSuchMethodException e) {
            return "only a piece has it";
        }
    }

    private static Object[] describe(Object[] passed) {
        return Arrays.stream(passed)
                .map(argument -> argument instanceof Number || argument instanceof String
                        ? argument
                        : argument.getClass().getSimpleName())
                .toArray();
    }

    private static boolean isAddress(Method method) {
        return method.getName().equals("memoryAddress") || method.getName().equals("_memoryAddress");
    }

    /** Whether what it returns has a reference count that is not the piece's. */
    private static boolean isItsOwn(Method method) {
        return method.getName().equals("copy");
    }

    private static String render(Object value) {
        if (value instanceof ByteBuf) {
            return render((ByteBuf) value);
        } else if (value instanceof ByteBuffer) {
            return value.getClass() + " " + ((ByteBuffer) value).remaining()
                    + GrabbingChannel.contentOf((ByteBuffer) value);
        } else if (value instanceof ByteBuffer[]) {
            return Arrays.stream((ByteBuffer[]) value)
                    .map(PieceBoundsTest::render)
                    .toList()
                    .toString();
        } else if (value instanceof byte[]) {
            return HexFormat.of().formatHex((byte[]) value);
        }
        return String.valueOf(value);
    }

    /** All that can be read of a buffer, past its writer index as well, and by the views of it. */
    private static String render(ByteBuf buf) {
        int capacity = buf.capacity();
        byte[] content = new byte[capacity];
        buf.getBytes(0, content);
        GrabbingChannel channel = new GrabbingChannel();
        try {
            buf.getBytes(0, channel, capacity);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
        return buf.readerIndex() + ":" + buf.writerIndex() + ":"
                + HexFormat.of().formatHex(content) + render(buf.nioBuffer(0, capacity))
                + render(buf.internalNioBuffer(0, capacity)) + channel.grabbed();
    }
}
