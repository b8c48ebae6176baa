// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.util.ByteProcessor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Arguments to call any method of a ByteBuf with, at and around the bounds of a buffer of a length; each is used once. */
final class MethodArguments {
    private static final int MORE = 8;

    private final Map<Class<?>, List<Supplier<?>>> byType;

    /** @param bytes to search for */
    MethodArguments(int length, byte... bytes) {
        byType = Map.ofEntries(
                Map.entry(
                        int.class, values(-1, 0, 1, length - 1, length, length + 1, length + MORE, Integer.MAX_VALUE)),
                Map.entry(long.class, values(-1L, 5L)),
                Map.entry(byte.class, List.of(() -> bytes[0], () -> bytes[1])),
                Map.entry(boolean.class, values(true, false)),
                Map.entry(float.class, values(1f)),
                Map.entry(double.class, values(1d)),
                Map.entry(Object.class, values("hint")),
                Map.entry(CharSequence.class, values("characters")),
                Map.entry(Charset.class, values(StandardCharsets.ISO_8859_1, StandardCharsets.UTF_8)),
                Map.entry(ByteOrder.class, values(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)),
                Map.entry(byte[].class, List.of(() -> new byte[MORE], () -> new byte[length + MORE])),
                Map.entry(ByteBuffer.class, buffers(length)),
                Map.entry(ByteBuf.class, bufs(length)),
                Map.entry(OutputStream.class, List.of(ByteArrayOutputStream::new)),
                Map.entry(InputStream.class, List.of(() -> new ByteArrayInputStream(new byte[length + MORE]))),
                Map.entry(GatheringByteChannel.class, List.of(GrabbingChannel::new)),
                Map.entry(ScatteringByteChannel.class, List.of(GrabbingChannel::new)),
                Map.entry(FileChannel.class, List.of(GrabbingChannel::new)),
                Map.entry(ByteProcessor.class, List.of(Recorder::new)));
    }

    private static List<Supplier<?>> values(Object... values) {
        List<Supplier<?>> suppliers = new ArrayList<>();
        for (Object value : values) {
            suppliers.add(() -> value);
        }
        return suppliers;
    }

    private static List<Supplier<?>> buffers(int length) {
        return List.of(
                () -> ByteBuffer.allocate(MORE),
                () -> ByteBuffer.allocate(length + MORE),
                () -> ByteBuffer.allocateDirect(length));
    }

    private static List<Supplier<?>> bufs(int length) {
        return List.of(
                () -> Unpooled.wrappedBuffer(new byte[length + MORE]),
                () -> Unpooled.buffer(MORE).setZero(0, MORE),
                () -> new GrabbingByteBuf(length + MORE));
    }

    /** Every combination for parameters of such types. */
    List<List<Supplier<?>>> combinations(Class<?>[] types) {
        List<List<Supplier<?>>> combinations = List.of(List.of());
        for (Class<?> type : types) {
            List<Supplier<?>> values = byType.get(type);
            if (values == null) {
                throw new AssertionError("a ByteBuf takes " + type + " now: this test must learn what to pass");
            }
            List<List<Supplier<?>>> longer = new ArrayList<>();
            for (List<Supplier<?>> combination : combinations) {
                for (Supplier<?> value : values) {
                    List<Supplier<?>> extended = new ArrayList<>(combination);
                    extended.add(value);
                    longer.add(extended);
                }
            }
            combinations = longer;
        }
        return combinations;
    }

    /** What a call has told by one of its arguments. */
    static String told(Object argument) {
        if (argument instanceof byte[]) {
            return HexFormat.of().formatHex((byte[]) argument);
        } else if (argument instanceof ByteBuffer) {
            return GrabbingChannel.contentOf((ByteBuffer) argument);
        } else if (argument instanceof GrabbingChannel) {
            return ((GrabbingChannel) argument).grabbed();
        } else if (argument instanceof ByteArrayOutputStream) {
            return HexFormat.of().formatHex(((ByteArrayOutputStream) argument).toByteArray());
        } else if (argument instanceof GrabbingByteBuf) {
            return ((GrabbingByteBuf) argument).grabbed + content((ByteBuf) argument);
        } else if (argument instanceof ByteBuf) {
            return content((ByteBuf) argument);
        } else if (argument instanceof InputStream) {
            return "";
        }
        return argument.toString();
    }

    private static String content(ByteBuf buf) {
        byte[] content = new byte[buf.capacity()];
        buf.getBytes(0, content);
        return buf.readerIndex() + " " + buf.writerIndex() + HexFormat.of().formatHex(content);
    }

    /** Is told of bytes. */
    private static final class Recorder implements ByteProcessor {
        private final StringBuilder bytes = new StringBuilder();

        @Override
        public boolean process(byte value) {
            bytes.append(value).append(' ');
            return true;
        }

        @Override
        public String toString() {
            return bytes.toString();
        }
    }

    /** One that takes all that it is lent. */
    private static final class GrabbingByteBuf extends UnpooledDirectByteBuf {
        private final StringBuilder grabbed = new StringBuilder();

        GrabbingByteBuf(int length) {
            super(UnpooledByteBufAllocator.DEFAULT, length, length);
            setZero(0, length).writerIndex(length);
        }

        @Override
        public ByteBuf setBytes(int index, ByteBuffer src) {
            grabbed.append(GrabbingChannel.contentOf(src)).append(' ');
            return super.setBytes(index, src);
        }

        @Override
        public ByteBuf getBytes(int index, ByteBuffer dst) {
            grabbed.append(GrabbingChannel.contentOf(dst)).append(' ');
            return super.getBytes(index, dst);
        }
    }
}
