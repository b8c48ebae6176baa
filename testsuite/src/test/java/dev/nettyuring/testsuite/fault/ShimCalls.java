// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.buffer.MemoryAddress;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.RegionFields;
import dev.nettyuring.jni.SocketAbi;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultFileRegion;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;

/** A program that calls native methods, those it is told. */
final class ShimCalls {
    /** Printed when all calls have returned. */
    static final String DONE = "all calls have returned";

    private static final int BYTES = 1000;

    /** What it can be told. */
    enum Call {
        /** strerror, of numbers too that no error has. */
        ERROR_TEXTS {
            @Override
            void call() {
                for (int errno = 1; errno < 5000; errno += 7) {
                    require(!Native.strerror(errno).isEmpty());
                }
            }
        },
        /** mmap, of as much as an int counts. */
        LARGE_MAPPING {
            @Override
            void call() {
                int flags = SocketAbi.MAP_PRIVATE | SocketAbi.MAP_ANONYMOUS;
                long length = Integer.MAX_VALUE;
                long address = Native.mmap(length, 0, flags, -1, 0);
                require(address > 0);
                require(Native.munmap(address, length) == 0);
            }
        },
        /** fieldId, of a field that does not exist. */
        MISSING_FIELD {
            @Override
            void call() {
                try {
                    new RegionFields(Object.class);
                } catch (NoSuchFieldError expected) {
                    return;
                }
                throw new IllegalStateException("Object has no such field");
            }
        },
        /** fieldId, objectField and intField. */
        FIELDS {
            @Override
            void call() throws IOException {
                RegionFields fields = new RegionFields(DefaultFileRegion.class);
                try (FileInputStream file = new FileInputStream("/dev/null")) {
                    FileDescriptor found = fields.descriptor(new DefaultFileRegion(file.getChannel(), 0, 1));
                    require(found == file.getFD());
                    require(RegionFields.fd(found) > 2);
                }
            }
        },
        /** write, from memory of malloc(3). */
        WRITE {
            @Override
            void call() throws IOException {
                ByteBuf buf = buffer();
                write(MemoryAddress.of(buf, 0));
                buf.release();
            }
        },
        /** The same, from memory that has been released: a bug. */
        WRITE_AFTER_RELEASE {
            @Override
            void call() throws IOException {
                ByteBuf buf = buffer();
                long address = MemoryAddress.of(buf, 0);
                buf.release();
                write(address);
            }
        };

        abstract void call() throws IOException;

        private static ByteBuf buffer() {
            return UnpooledByteBufAllocator.DEFAULT.directBuffer(BYTES).writeZero(BYTES);
        }

        private static void write(long address) throws IOException {
            ByteBuf fds = buffer();
            require(Native.pipe2(MemoryAddress.of(fds, 0), SocketAbi.O_CLOEXEC) == 0);
            int reading = fds.getIntLE(0);
            int writing = fds.getIntLE(4);
            require(Native.write(writing, address, BYTES) == BYTES);
            Native.close(reading);
            Native.close(writing);
            fds.release();
        }

        private static void require(boolean holds) {
            if (!holds) {
                throw new IllegalStateException("a call returned something else");
            }
        }
    }

    private ShimCalls() {}

    /** The program; the arguments are names of {@link Call}s. */
    public static void main(String[] calls) throws IOException {
        for (String call : calls) {
            Call.valueOf(call).call();
        }
        System.out.println(DONE);
    }
}
