// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import dev.nettyuring.channel.UringDomainSocketChannel;
import dev.nettyuring.channel.UringServerDomainSocketChannel;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/** As {@link Echo}, over a Unix domain socket; its file is gone afterwards. */
final class DomainEcho extends LoopScenario {
    private final byte[] bytes = random(64 << 10);
    private final Path folder = Files.createTempDirectory("echo");

    DomainEcho() throws Exception {}

    @Override
    String use() throws Exception {
        Path socket = folder.resolve("s");
        ServerBootstrap servers = new ServerBootstrap()
                .group(loop())
                .channel(UringServerDomainSocketChannel.class)
                .childHandler(initializer(Echo.Server::new));
        Channel server = open(() -> servers.bind(new DomainSocketAddress(socket.toFile())));
        Echo.Client client = new Echo.Client(bytes);
        Bootstrap clients = new Bootstrap()
                .group(loop())
                .channel(UringDomainSocketChannel.class)
                .handler(client);
        open(() -> clients.connect(server.localAddress()));
        await(client.done);
        return "every byte came back";
    }

    @Override
    public void close() throws Exception {
        super.close();
        Files.deleteIfExists(folder.resolve("s"));
        Files.delete(folder);
    }
}
