// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files are sent, one that is small and one that is not, as they come from the page cache. */
final class FileRegions extends LoopScenario {
    private static final int SMALL = 20_000;
    private static final int LARGE = 900_000;

    private final byte[] bytes = random(SMALL + LARGE);
    private final Path file = Files.write(Files.createTempFile("region", null), bytes);

    FileRegions() throws IOException {}

    @Override
    String use() throws Exception {
        Sink sink = new Sink(bytes);
        Channel client = connect(serve(() -> sink), new ChannelInboundHandlerAdapter());
        client.write(new DefaultFileRegion(file.toFile(), 0, SMALL));
        await(client.writeAndFlush(new DefaultFileRegion(file.toFile(), SMALL, LARGE)));
        return await(sink.done);
    }

    @Override
    public void close() throws Exception {
        super.close();
        Files.delete(file);
    }
}
