// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import dev.nettyuring.channel.UringFile;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file is opened, read and closed by the ring. */
final class OneFile extends LoopScenario {
    private final byte[] bytes = random(10_000);
    private final Path path = Files.write(Files.createTempFile("one", null), bytes);

    OneFile() throws Exception {}

    @Override
    String use() throws Exception {
        UringFile file = await(UringFile.open(loop(), path, StandardOpenOption.READ));
        ByteBuf buffer = Unpooled.directBuffer(bytes.length);
        try {
            long size = await(file.stat()).size();
            Future<ByteBuf> read = file.read(buffer, 0);
            await(read);
            if (!buffer.equals(Unpooled.wrappedBuffer(bytes))) {
                throw new IllegalStateException("CORRUPT: " + buffer);
            }
            return size + " bytes";
        } finally {
            await(file.close());
            buffer.release();
        }
    }

    @Override
    public void close() throws Exception {
        super.close();
        Files.delete(path);
    }
}
