// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.nettyuring.buffer.BufferState;
import dev.nettyuring.channel.UringMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Gives a test class its {@link Loops}, and fails it if after their end anything is left over: an operation in the kernel,
 * a receive buffer that is not back, a file descriptor, a buffer that nobody released.
 */
public final class TransportInvariants implements BeforeAllCallback, AfterAllCallback {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String TRANSPORT = "dev.nettyuring.channel";
    private static final List<String> SOCKET_TABLES =
            List.of("/proc/self/net/tcp", "/proc/self/net/tcp6", "/proc/self/net/udp", "/proc/self/net/udp6");
    private static final int INODE_COLUMN = 9;
    private static volatile Loops loops;

    /** An event loop warns of nothing but bugs. */
    private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();

    private Set<String> descriptorsBefore;

    /** The loops of the test class that runs. */
    public static Loops loops() {
        return loops;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        Leaks.find(); // whatever was there before is not this class's
        descriptorsBefore = descriptors();
        ReceiveMemoryNeeded needed = context.getRequiredTestClass().getAnnotation(ReceiveMemoryNeeded.class);
        loops = new Loops(Loops.configuration(needed));
        warnings.list.clear();
        warnings.start();
        Logger logger = (Logger) LoggerFactory.getLogger(TRANSPORT);
        logger.setLevel(Level.WARN);
        logger.addAppender(warnings);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        Loops loops = TransportInvariants.loops;
        assertThat(loops.shutdown()).as("all event loops end in time").isTrue();
        ((Logger) LoggerFactory.getLogger(TRANSPORT)).detachAppender(warnings);
        assertThat(warnings.list).as("warnings of the event loops").isEmpty();
        List<String> leaks = Leaks.find();
        assertThat(leaks).as("leaks").isEmpty();
        for (UringMetrics metrics : loops.metrics()) {
            assertThat(metrics.operationsInFlight()).as("operations in flight").isZero();
            assertThat(metrics.writesAfterReturn())
                    .as("receive buffers written to after their release")
                    .isZero();
            for (BufferState state : List.of(BufferState.KERNEL, BufferState.PIPELINE, BufferState.RETURNING)) {
                assertThat(metrics.receiveBuffers(state))
                        .as("receive buffers in state %s", state)
                        .isZero();
            }
        }
        // in this thread: on a machine that is short of processors looking once may take longer than the limit
        await().pollInSameThread().atMost(LIMIT).untilAsserted(() -> {
            Set<String> descriptors = descriptors();
            if (!descriptorsBefore.containsAll(descriptors)) {
                System.gc(); // Netty's tests leave some of the JDK's sockets to that
            }
            assertThat(descriptors).as("open file descriptors").isSubsetOf(descriptorsBefore);
        });
    }

    /** Open sockets, rings, eventfds and pipes, by number; not files, which class loading opens as it likes. */
    private static Set<String> descriptors() throws IOException {
        Set<String> open = new TreeSet<>();
        try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
            links.forEach(link -> describe(link).ifPresent(open::add));
        }
        return open;
    }

    /** A socket's addresses and state, as the kernel lists them, to tell what was left open. */
    private static String addresses(String target) throws IOException {
        String inode = target.replaceAll("\\D", "");
        for (String table : SOCKET_TABLES) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] columns = line.trim().split("\\s+");
                if (target.startsWith("socket:") && columns[INODE_COLUMN].equals(inode)) {
                    return " " + columns[1] + ' ' + columns[2] + " state " + columns[3];
                }
            }
        }
        return "";
    }

    private static Optional<String> describe(Path link) {
        try {
            String target = Files.readSymbolicLink(link).toString();
            boolean file = target.startsWith("/");
            return file ? Optional.empty() : Optional.of(link.getFileName() + " -> " + target + addresses(target));
        } catch (IOException closedMeanwhile) {
            return Optional.empty();
        }
    }
}
