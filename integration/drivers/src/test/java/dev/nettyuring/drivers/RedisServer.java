// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Debian's redis-server. */
final class RedisServer extends LocalServer {
    RedisServer() throws IOException {}

    @Override
    List<String> command(int port) {
        return List.of(
                "redis-server",
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--unixsocket",
                file(port).toString(),
                "--dir",
                folder().toString(),
                "--save",
                "");
    }

    @Override
    Path file(int port) {
        return folder().resolve("redis");
    }
}
