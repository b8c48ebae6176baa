// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.NettyRuntime;
import io.netty.util.internal.ObjectUtil;
import io.netty.util.internal.PlatformDependent;
import io.netty.util.internal.SystemPropertyUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Chooses the best transport that works here: io_uring, else Netty's epoll, if {@code netty-transport-native-epoll} is on the
 * class path, else NIO, which always works.
 *
 * <pre>
 * Transport transport = Transports.best();
 * new ServerBootstrap().group(transport.newGroup()).channel(transport.serverSocketChannel())
 * </pre>
 *
 * <p>That the kernel has io_uring does not mean that it has enough of it for a program: each event loop's ring takes locked
 * memory, in many configurations, and file descriptors. So what all loops need is really made, all of it at once, and closed
 * again, before io_uring is chosen: a start takes twice as long for that. What others take of the same user's locked memory
 * between that and {@link Transport#newGroup()} is the one thing left that can make that fail; by then the program has the
 * channel classes, and there is no way back.
 *
 * <p>Every choice is logged once, at INFO, in one line, with the reason for what was passed over. {@code
 * -Dio.netty.transport.noNative=true} makes it NIO.
 */
public final class Transports {
    private static final InternalLogger LOGGER = InternalLoggerFactory.getInstance(Transports.class);
    private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();
    private static final int LOOPS_A_PROCESSOR = 2;

    private Transports() {}

    private static final class Default {
        static final Transport TRANSPORT = best(0);
    }

    /**
     * The best transport for as many event loops as Netty's groups have by default. Found out once: whoever asks gets the same.
     *
     * @throws IllegalArgumentException if a system property of this transport's has a value that cannot be
     */
    public static Transport best() {
        UringConfig.checkProperties(); // a class that cannot be initialized would hide why
        return Default.TRANSPORT;
    }

    /**
     * The best transport for so many event loops, found out anew: keep it.
     *
     * @param threads how many event loops there will be; 0 for as many as Netty's groups have by default
     * @throws IllegalArgumentException if {@code threads} is negative, or a system property of this transport's has a value that
     *     cannot be
     */
    public static Transport best(int threads) {
        return best(threads, UringConfig.DEFAULT);
    }

    /**
     * The best transport for so many event loops of that configuration, if it is io_uring; found out anew: keep it.
     *
     * @param threads how many event loops there will be; 0 for as many as Netty's groups have by default
     * @throws IllegalArgumentException if {@code threads} is negative, or a system property of this transport's has a value that
     *     cannot be
     */
    public static Transport best(int threads, UringConfig config) {
        ObjectUtil.checkPositiveOrZero(threads, "threads");
        ObjectUtil.checkNotNull(config, "config");
        UringConfig.checkProperties();
        Transport chosen = choose(threads == 0 ? defaultThreads() : threads, config);
        if (LOGGED.add(chosen.toString())) {
            LOGGER.info("{}", chosen);
        }
        return chosen;
    }

    /** As {@link io.netty.channel.MultithreadEventLoopGroup} has it. */
    private static int defaultThreads() {
        int threads = NettyRuntime.availableProcessors() * LOOPS_A_PROCESSOR;
        return Math.max(1, SystemPropertyUtil.getInt("io.netty.eventLoopThreads", threads));
    }

    private static Transport choose(int threads, UringConfig config) {
        Map<String, String> whyNot = new LinkedHashMap<>();
        String reason = whyNotUring(threads, config);
        if (reason == null) {
            return new Transport(uring(config), threads, whyNot);
        }
        whyNot.put(Transport.IO_URING, reason);
        try {
            reason = whyNotEpoll(EpollKind.unavailabilityCause());
            if (reason == null) {
                return new Transport(EpollKind.kind(), threads, whyNot);
            }
        } catch (LinkageError noSuchClass) {
            reason = "netty-transport-classes-epoll of Netty 4.2 is not on the class path (" + oneLine(noSuchClass)
                    + ')';
        }
        whyNot.put(Transport.EPOLL, reason);
        return new Transport(nio(), threads, whyNot);
    }

    private static String whyNotUring(int threads, UringConfig config) {
        Throwable cause = Uring.unavailabilityCause();
        if (cause != null) {
            return oneLine(cause);
        }
        try {
            LoopResources.tryOut(threads, config, Uring.features());
            return null;
        } catch (IOException e) {
            return "the kernel refuses what " + threads + " event loops need: " + oneLine(e);
        }
    }

    private static String whyNotEpoll(Throwable cause) {
        if (cause == null) {
            return null;
        }
        String architecture = PlatformDependent.normalizedArch();
        String library = "META-INF/native/libnetty_transport_native_epoll_" + architecture + ".so";
        if (!"linux".equals(PlatformDependent.normalizedOs())) {
            return "epoll exists on Linux only";
        }
        if (Transports.class.getClassLoader().getResource(library) == null) {
            return "netty-transport-native-epoll is not on the class path (its classifier is linux-" + architecture
                    + ')';
        }
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return oneLine(root);
    }

    private static String oneLine(Throwable cause) {
        String message = cause.getMessage();
        return message == null
                ? cause.toString()
                : message.replaceAll("\\s+", " ").trim();
    }

    private static Transport.Kind uring(UringConfig config) {
        return new Transport.Kind(
                Transport.IO_URING,
                UringIoHandler.newFactory(config),
                UringServerSocketChannel.class,
                UringSocketChannel.class,
                UringDatagramChannel.class,
                new Transport.Domain(
                        UringServerDomainSocketChannel.class,
                        UringDomainSocketChannel.class,
                        UringDomainDatagramChannel.class));
    }

    private static Transport.Kind nio() {
        return new Transport.Kind(
                Transport.NIO,
                NioIoHandler.newFactory(),
                NioServerSocketChannel.class,
                NioSocketChannel.class,
                NioDatagramChannel.class,
                null);
    }
}
