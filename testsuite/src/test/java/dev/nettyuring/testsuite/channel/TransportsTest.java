// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nettyuring.channel.Transport;
import dev.nettyuring.channel.Transports;
import dev.nettyuring.channel.UringConfig;
import dev.nettyuring.channel.UringDatagramChannel;
import dev.nettyuring.channel.UringDomainDatagramChannel;
import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringMetrics;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import dev.nettyuring.channel.UringServerSocketChannel;
import dev.nettyuring.channel.UringSocketChannel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The choice where io_uring works, as it must for the other tests; elsewhere: {@link FallbackTest}. */
class TransportsTest {
    private static final UringConfig SMALL =
            UringConfig.builder().submissionEntries(8).completionEntries(16).build();

    private static void end(MultiThreadIoEventLoopGroup group) throws InterruptedException {
        assertThat(group.shutdownGracefully(0, Tcp.LIMIT_SECONDS, TimeUnit.SECONDS)
                        .await(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void ioUringIsAMatchedSet() {
        Transport best = Transports.best(1, SMALL);
        assertThat(best.name()).isEqualTo(Transport.IO_URING);
        assertThat(best.whyNot()).isEmpty();
        assertThat(best).hasToString("transport: io_uring");
        assertThat(best.serverSocketChannel()).isEqualTo(UringServerSocketChannel.class);
        assertThat(best.socketChannel()).isEqualTo(UringSocketChannel.class);
        assertThat(best.datagramChannel()).isEqualTo(UringDatagramChannel.class);
        assertThat(best.hasDomainSockets()).isTrue();
        assertThat(best.serverDomainSocketChannel()).isEqualTo(UringServerDomainSocketChannel.class);
        assertThat(best.domainSocketChannel()).isEqualTo(UringDomainSocketChannel.class);
        assertThat(best.domainDatagramChannel()).isEqualTo(UringDomainDatagramChannel.class);
    }

    @Test
    void groupsHaveAsManyLoopsAsTheTransportWasChosenFor() throws Exception {
        Transport best = Transports.best(3, SMALL);
        assertThat(best.threads()).isEqualTo(3);
        MultiThreadIoEventLoopGroup group = best.newGroup();
        MultiThreadIoEventLoopGroup one = best.newGroup(1, new DefaultThreadFactory("named"));
        try {
            assertThat(group.executorCount()).isEqualTo(3);
            assertThat(UringMetrics.of(group.next())).isNotNull();
            assertThat(one.executorCount()).isEqualTo(1);
            assertThat(one.submit(() -> Thread.currentThread().getName()).get(Tcp.LIMIT_SECONDS, TimeUnit.SECONDS))
                    .startsWith("named");
        } finally {
            end(group);
            end(one);
        }
    }

    @Test
    void whoeverAsksGetsTheSameDefault() {
        assertThat(Transports.best()).isSameAs(Transports.best());
    }

    @Test
    void tryingLeavesNoFileDescriptor() throws Exception {
        Transports.best(1, SMALL);
        long before = ringsAndEventfds();
        Transports.best(5, SMALL);
        assertThat(ringsAndEventfds()).isEqualTo(before);
    }

    private static long ringsAndEventfds() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(fd -> target(fd).matches("anon_inode:.*(io_uring|eventfd).*"))
                    .count();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    @Test
    void whatCannotBeIsNotFallenBackFrom() {
        assertThatThrownBy(() -> Transports.best(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Transports.best(1, null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void theReasonsCannotBeChanged() {
        assertThatThrownBy(() -> Transports.best(1, SMALL).whyNot().put("nio", "x"))
                .isInstanceOf(UnsupportedOperationException.class);
    }
}
