// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Native;
import dev.nettyuring.jni.SocketAbi;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The system calls as the transport sees them under {@link FaultAgent}: those of the kernel, and at times, by the
 * {@linkplain #plan(FaultPlan) plan}, other results that the kernel might have given.
 */
public final class Kernel {
    private static final MethodHandle SETUP = real("ioUringSetup", int.class, int.class, long.class);
    private static final MethodHandle ENTER =
            real("ioUringEnter", int.class, int.class, int.class, int.class, int.class, long.class, long.class);
    private static final MethodHandle REGISTER =
            real("ioUringRegister", int.class, int.class, int.class, long.class, int.class);
    private static final MethodHandle MMAP =
            real("mmap", long.class, long.class, int.class, int.class, int.class, long.class);
    private static final MethodHandle MUNMAP = real("munmap", int.class, long.class, long.class);
    private static final MethodHandle MADVISE = real("madvise", int.class, long.class, long.class, int.class);
    private static final MethodHandle CLOSE = real("close", int.class, int.class);
    private static final MethodHandle SOCKET = real("socket", int.class, int.class, int.class, int.class);
    private static final MethodHandle RECV = real("recv", long.class, int.class, long.class, long.class, int.class);
    private static final MethodHandle SENDMMSG =
            real("sendmmsg", int.class, int.class, long.class, int.class, int.class);
    private static final MethodHandle SENDFILE =
            real("sendfile", long.class, int.class, int.class, long.class, long.class);
    private static final MethodHandle SPLICE =
            real("splice", long.class, int.class, long.class, int.class, long.class, long.class, int.class);
    private static final MethodHandle PREADV2 =
            real("preadv2", long.class, int.class, long.class, int.class, long.class, int.class);
    private static final int SOCKET_TYPE_MASK = 0xf;
    private static final int INDEX_OF_UPDATE = 0;

    private static final Map<Integer, FaultyRing> RINGS = new ConcurrentHashMap<>();
    private static final Map<Long, Long> SHADOWS = new ConcurrentHashMap<>();
    private static final Set<Integer> DATAGRAM_SOCKETS = ConcurrentHashMap.newKeySet();
    /** Ring fds by the index that the thread has registered them under. */
    private static final ThreadLocal<Map<Integer, Integer>> REGISTERED = ThreadLocal.withInitial(HashMap::new);

    private static volatile FaultPlan plan = FaultPlan.NONE;

    private Kernel() {}

    private static MethodHandle real(String name, Class<?> result, Class<?>... arguments) {
        try {
            return MethodHandles.publicLookup()
                    .findStatic(Native.class, FaultAgent.PREFIX + name, MethodType.methodType(result, arguments));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** From now on faults are by that plan; rings that are opened from now on are its. */
    static void plan(FaultPlan plan) {
        Kernel.plan = plan;
    }

    /** The rings that are open. */
    static Collection<FaultyRing> rings() {
        return RINGS.values();
    }

    static boolean isDatagramSocket(int fd) {
        return DATAGRAM_SOCKETS.contains(fd);
    }

    static void accepted(int fd) {
        DATAGRAM_SOCKETS.remove(fd);
    }

    static ByteBuffer memory(long address, long length) {
        return Native.newDirectByteBuffer(address, length).order(ByteOrder.nativeOrder());
    }

    public static int ioUringSetup(int entries, long params) {
        FaultPlan plan = Kernel.plan;
        int fd = call(() -> (int) SETUP.invokeExact(entries, params));
        if (fd >= 0 && plan != FaultPlan.NONE) {
            RINGS.put(fd, new FaultyRing(plan, memory(params, Abi.PARAMS_SIZE)));
        }
        return fd;
    }

    public static long mmap(long length, int protection, int flags, int fd, long offset) {
        if (fd < 0 && plan.fails(FaultPlan.Kind.ALLOCATION)) {
            return -Errno.ENOMEM;
        }
        long address = realMmap(length, protection, flags, fd, offset);
        FaultyRing ring = fd < 0 ? null : RINGS.get(fd);
        if (ring == null || address < 0) {
            return address;
        }
        long shadow = realMmap(length, protection, SocketAbi.MAP_PRIVATE | SocketAbi.MAP_ANONYMOUS, -1, 0);
        memory(shadow, length).put(memory(address, length));
        SHADOWS.put(shadow, address);
        ring.mapped(offset, memory(address, length), memory(shadow, length));
        return shadow;
    }

    private static long realMmap(long length, int protection, int flags, int fd, long offset) {
        return callLong(() -> (long) MMAP.invokeExact(length, protection, flags, fd, offset));
    }

    public static int munmap(long address, long length) {
        Long behind = SHADOWS.remove(address);
        if (behind != null) {
            long real = behind;
            call(() -> (int) MUNMAP.invokeExact(real, length));
        }
        return call(() -> (int) MUNMAP.invokeExact(address, length));
    }

    public static int madvise(long address, long length, int advice) {
        if (plan.fails(FaultPlan.Kind.ALLOCATION)) {
            return -Errno.ENOMEM;
        }
        return call(() -> (int) MADVISE.invokeExact(address, length, advice));
    }

    public static int close(int fd) {
        RINGS.remove(fd);
        return call(() -> (int) CLOSE.invokeExact(fd));
    }

    public static int ioUringRegister(int fd, int opcode, long argument, int count) {
        if (opcode == Abi.IORING_UNREGISTER_RING_FDS) {
            REGISTERED.get().remove(memory(argument, Integer.BYTES).getInt(INDEX_OF_UPDATE));
        }
        if (mayFail(opcode) && plan.fails(FaultPlan.Kind.REGISTRATION)) {
            return -Errno.ENOMEM;
        }
        int result = call(() -> (int) REGISTER.invokeExact(fd, opcode, argument, count));
        if (opcode == Abi.IORING_REGISTER_RING_FDS && result == 1) {
            REGISTERED.get().put(memory(argument, Integer.BYTES).getInt(INDEX_OF_UPDATE), fd);
        }
        return result;
    }

    private static boolean mayFail(int opcode) {
        switch (opcode) {
            case Abi.IORING_REGISTER_PBUF_RING:
            case Abi.IORING_REGISTER_BUFFERS2:
            case Abi.IORING_REGISTER_BUFFERS_UPDATE:
            case Abi.IORING_REGISTER_CLONE_BUFFERS:
                return true;
            default:
                return false;
        }
    }

    public static int ioUringEnter(int fd, int toSubmit, int minComplete, int flags, long argument, long size) {
        boolean registered = (flags & Abi.IORING_ENTER_REGISTERED_RING) != 0;
        Integer ringFd = registered ? REGISTERED.get().get(fd) : Integer.valueOf(fd);
        FaultyRing ring = ringFd == null ? null : RINGS.get(ringFd);
        FaultyRing.Enter real =
                (submit, wait) -> call(() -> (int) ENTER.invokeExact(fd, submit, wait, flags, argument, size));
        return ring == null ? real.enter(toSubmit, minComplete) : ring.enter(toSubmit, minComplete, real);
    }

    public static int socket(int domain, int type, int protocol) {
        int fd = call(() -> (int) SOCKET.invokeExact(domain, type, protocol));
        if ((type & SOCKET_TYPE_MASK) == SocketAbi.SOCK_DGRAM) {
            DATAGRAM_SOCKETS.add(fd);
        } else {
            DATAGRAM_SOCKETS.remove(fd);
        }
        return fd;
    }

    public static long recv(int fd, long address, long length, int flags) {
        if (plan.fails(FaultPlan.Kind.CALL)) {
            return -plan.pick(Errno.EAGAIN, Errno.EINTR, Errno.ENOMEM);
        }
        long less = plan.shortened(length);
        return callLong(() -> (long) RECV.invokeExact(fd, address, less, flags));
    }

    public static int sendmmsg(int fd, long messages, int count, int flags) {
        if (plan.fails(FaultPlan.Kind.CALL)) {
            return -plan.pick(Errno.EAGAIN, Errno.ENOBUFS, Errno.EINTR, Errno.ENOMEM);
        }
        int few = (int) plan.shortened(count);
        return call(() -> (int) SENDMMSG.invokeExact(fd, messages, few, flags));
    }

    public static long sendfile(int fdOut, int fdIn, long offset, long count) {
        if (plan.fails(FaultPlan.Kind.CALL)) {
            return -plan.pick(Errno.EAGAIN, Errno.EINTR, Errno.ENOMEM);
        }
        long less = plan.shortened(count);
        return callLong(() -> (long) SENDFILE.invokeExact(fdOut, fdIn, offset, less));
    }

    public static long splice(int fdIn, long offsetIn, int fdOut, long offsetOut, long length, int flags) {
        if (plan.fails(FaultPlan.Kind.CALL)) {
            return -plan.pick(Errno.EAGAIN, Errno.EINTR, Errno.ENOMEM);
        }
        long less = plan.shortened(length);
        return callLong(() -> (long) SPLICE.invokeExact(fdIn, offsetIn, fdOut, offsetOut, less, flags));
    }

    public static long preadv2(int fd, long iovecs, int count, long offset, int flags) {
        if (plan.fails(FaultPlan.Kind.CALL)) {
            return -plan.pick(Errno.EAGAIN, Errno.EINTR, Errno.ENOMEM);
        }
        return callLong(() -> (long) PREADV2.invokeExact(fd, iovecs, count, offset, flags));
    }

    private interface Call<R> {
        R call() throws Throwable;
    }

    private static int call(Call<Integer> real) {
        return get(real);
    }

    private static long callLong(Call<Long> real) {
        return get(real);
    }

    private static <R> R get(Call<R> real) {
        try {
            return real.call();
        } catch (Throwable e) {
            throw new LinkageError("a native method that throws nothing", e);
        }
    }
}
