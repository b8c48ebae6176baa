// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nettyuring.channel.UringSocketChannel;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Large files that are not known to be cached go through pipes, which the loop keeps for others. */
@ExtendWith(TransportInvariants.class)
class StalePipeTest {
    /** Of which nothing can be read at once. */
    private static final Path TMPFS = Path.of("/dev/shm");

    private static final int BYTES = 1 << 20;
    private static final int ROUNDS = 20;

    private Path secret;
    private Path file;
    private final byte[] content = random(BYTES);

    @BeforeEach
    void writeFiles() throws Exception {
        assumeTrue(Files.isWritable(TMPFS), "there is no tmpfs");
        byte[] filled = new byte[BYTES];
        Arrays.fill(filled, (byte) 1);
        secret = Files.write(Files.createTempFile(TMPFS, "secret", null), filled);
        file = Files.write(Files.createTempFile(TMPFS, "file", null), content);
    }

    @AfterEach
    void deleteFiles() throws Exception {
        Files.deleteIfExists(secret);
        Files.deleteIfExists(file);
    }

    private static DefaultFileRegion region(Path file) {
        return new DefaultFileRegion(file.toFile(), 0, BYTES);
    }

    @Test
    void whatOneConnectionGaveUpGoesToNoOther() throws Exception {
        ServerBootstrap bootstrap = new ServerBootstrap().group(Tcp.loops().next());
        try (Tcp tcp = Tcp.serve(bootstrap, ChannelInboundHandlerAdapter::new)) {
            for (int round = 0; round < ROUNDS; round++) {
                try (Socket first = tcp.connect();
                        Socket second = tcp.connect()) {
                    UringSocketChannel givingUp = (UringSocketChannel) tcp.accepted();
                    UringSocketChannel other = (UringSocketChannel) tcp.accepted();
                    other.eventLoop()
                            .submit(() -> {
                                givingUp.writeAndFlush(region(secret));
                                givingUp.shutdownOutput();
                            })
                            .sync();
                    first.getInputStream().readAllBytes();
                    other.writeAndFlush(region(file));
                    assertThat(second.getInputStream().readNBytes(BYTES)).isEqualTo(content);
                }
            }
        }
    }
}
