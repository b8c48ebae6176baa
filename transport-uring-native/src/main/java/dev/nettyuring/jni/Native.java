// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import io.netty.util.internal.NativeLibraryLoader;
import io.netty.util.internal.PlatformDependent;
import io.netty.util.internal.SystemPropertyUtil;
import java.nio.ByteBuffer;

/**
 * The C shim: one method a system call. Every method returns what the call returned, or {@code -errno}; none throws, keeps
 * state or allocates. Pointers are {@code long} addresses of memory that the caller keeps alive.
 *
 * <p>Needs Linux on x86-64, AArch64 or RISC-V 64 with glibc 2.31 or newer. All methods may be called from any thread.
 */
public final class Native {
    @SuppressWarnings("StaticAssignmentOfThrowable") // a report, not something to throw
    private static final Throwable LOAD_FAILURE = load();

    private Native() {}

    private static Throwable load() {
        if (!"linux".equals(PlatformDependent.normalizedOs())) {
            return new UnsupportedOperationException(
                    "io_uring exists on Linux only; this is " + System.getProperty("os.name"));
        }
        if (SystemPropertyUtil.getBoolean("io.netty.transport.noNative", false)) {
            return new UnsupportedOperationException("-Dio.netty.transport.noNative=true forbids native transports");
        }
        try {
            String library = LibraryName.toLoad(PlatformDependent.normalizedArch());
            NativeLibraryLoader.load(library, Native.class.getClassLoader());
            return null;
        } catch (Throwable cause) {
            return LoadFailure.explain(cause);
        }
    }

    /** Why the library could not be loaded, in one line that says what to do; {@code null} if it was. Never throws. */
    public static Throwable loadFailure() {
        return LOAD_FAILURE;
    }

    /** <a href="https://man7.org/linux/man-pages/man2/io_uring_setup.2.html">io_uring_setup(2)</a>: the ring's fd. */
    public static native int ioUringSetup(int entries, long params);

    /** <a href="https://man7.org/linux/man-pages/man2/io_uring_enter.2.html">io_uring_enter2(2)</a>: SQEs consumed. */
    public static native int ioUringEnter(
            int fd, int toSubmit, int minComplete, int flags, long argument, long argumentSize);

    /** <a href="https://man7.org/linux/man-pages/man2/io_uring_register.2.html">io_uring_register(2)</a>. */
    public static native int ioUringRegister(int fd, int opcode, long argument, int count);

    /** mmap(2) at an address of the kernel's choice; addresses are positive, so a negative result is {@code -errno}. */
    public static native long mmap(long length, int protection, int flags, int fd, long offset);

    /** getpagesize(2), in bytes; it does not fail. */
    public static native int getpagesize();

    /** munmap(2). */
    public static native int munmap(long address, long length);

    /** madvise(2). */
    public static native int madvise(long address, long length, int advice);

    /** A direct buffer over {@code [address, address + capacity)}; it neither owns nor frees the memory. */
    public static native ByteBuffer newDirectByteBuffer(long address, long capacity);

    /** The address of a direct buffer's first byte (its position does not count), or 0 for any other buffer. */
    public static native long directBufferAddress(ByteBuffer buffer);

    /** socket(2). */
    public static native int socket(int domain, int type, int protocol);

    /** bind(2). */
    public static native int bind(int fd, long address, int length);

    /** connect(2). */
    public static native int connect(int fd, long address, int length);

    /** listen(2). */
    public static native int listen(int fd, int backlog);

    /** shutdown(2). */
    public static native int shutdown(int fd, int how);

    /** close(2). */
    public static native int close(int fd);

    /** getsockname(2); {@code length} points to a {@code socklen_t}. */
    public static native int getsockname(int fd, long address, long length);

    /** getpeername(2); {@code length} points to a {@code socklen_t}. */
    public static native int getpeername(int fd, long address, long length);

    /** getsockopt(2); {@code length} points to a {@code socklen_t}. */
    public static native int getsockopt(int fd, int level, int name, long value, long length);

    /** setsockopt(2). */
    public static native int setsockopt(int fd, int level, int name, long value, int length);

    /** recv(2): how many bytes came. */
    public static native long recv(int fd, long address, long length, int flags);

    /** sendmsg(2): how many bytes of a {@code struct msghdr} went out. */
    public static native long sendmsg(int fd, long message, int flags);

    /** sendmmsg(2): how many of the {@code count} messages of an array of {@code struct mmsghdr} went out. */
    public static native int sendmmsg(int fd, long messages, int count, int flags);

    /** pipe2(2); {@code fds} points to room for two ints, the end to read from and the end to write to. */
    public static native int pipe2(long fds, int flags);

    /** read(2). */
    public static native long read(int fd, long address, long length);

    /** preadv2(2). */
    public static native long preadv2(int fd, long iovecs, int count, long offset, int flags);

    /** cachestat(2), of Linux 6.5: {@code range} and {@code pages} are addresses of its structs. */
    public static native int cachestat(int fd, long range, long pages, int flags);

    /** write(2). */
    public static native long write(int fd, long address, long length);

    /** sendfile(2); {@code offset} is the address of an {@code off_t}. */
    public static native long sendfile(int fdOut, int fdIn, long offset, long count);

    /** splice(2); the offsets are addresses of a {@code loff_t}, or 0 for ends that have none. */
    public static native long splice(int fdIn, long offsetIn, int fdOut, long offsetOut, long length, int flags);

    /** fcntl(2), for the commands that take an int. */
    public static native int fcntl(int fd, int command, int argument);

    /** eventfd(2). */
    public static native int eventfd(int initialValue, int flags);

    /** eventfd_write(3): adds {@code value} to the counter. */
    public static native int eventfdWrite(int fd, long value);

    /** An instance field's jfieldID; throws {@link NoSuchFieldError} if the class has none of that name and JNI type. */
    static native long fieldId(Class<?> declaring, String name, String type);

    /** GetObjectField. The field must be one of the object's class. */
    static native Object objectField(Object object, long field);

    /** GetIntField. The field must be one of the object's class. */
    static native int intField(Object object, long field);

    /** SetLongField. The field must be one of the object's class. */
    static native void setLongField(Object object, long field, long value);

    /**
     * A new object of a class by its constructor of two ints and an array, whoever may call that otherwise.
     *
     * @throws NoSuchMethodError if it has none
     */
    public static native Object newCredentials(Class<?> type, int pid, int uid, int[] gids);

    /** strerror(3) for a positive {@code errno}. */
    public static native String strerror(int errno);
}
