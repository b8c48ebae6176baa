// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.testsuite.TransportInvariants;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.lang.reflect.Proxy;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What closes a file at a bad moment, which no test from outside could bring about. */
@ExtendWith(TransportInvariants.class)
class FileCloseTest {
    private static final int LIMIT_SECONDS = 20;

    @TempDir
    private Path folder;

    private static <T> T get(Future<T> future) throws InterruptedException {
        assertThat(future.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(future.cause()).isNull();
        return future.getNow();
    }

    /** The kernel has closed the descriptor when it says so, and another file may have its number. */
    @Test
    void aCloseThatWasInterruptedIsNotRepeated() throws Exception {
        EventLoop loop = TransportInvariants.loops().uring().next();
        UringFile file = get(UringFile.open(loop, Files.writeString(folder.resolve("file"), "open")));
        FileCall.Close interrupted = new FileCall.Close(file);
        Path descriptor = get(loop.submit(() -> {
            interrupted.ended(-Errno.EINTR);
            return Path.of("/proc/self/fd", Integer.toString(file.fd()));
        }));
        assertThat(interrupted.future().await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(interrupted.future().cause()).hasMessageContaining("EINTR");
        assertThat(descriptor).exists(); // since nothing had closed it
        get(file.close());
        assertThat(descriptor).doesNotExist();
    }

    /** Whoever opens a file learns from another thread that the loop has taken it; by then the loop may have ended. */
    @Test
    void aLoopEndsBeforeTheFileIsOpened() throws Exception {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, UringIoHandler.newFactory());
        IoEventLoop loop = group.next();
        Promise<IoRegistration> late = ImmediateEventExecutor.INSTANCE.newPromise();
        IoRegistration[] registration = new IoRegistration[1];
        IoEventLoop telling = (IoEventLoop) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {IoEventLoop.class}, (proxy, method, arguments) -> {
                    Object result = method.invoke(loop, arguments);
                    if (!method.getName().equals("register")) {
                        return result;
                    }
                    registration[0] = (IoRegistration) get((Future<?>) result);
                    return late;
                });
        Future<UringFile> opening = UringFile.open(telling, Files.createFile(folder.resolve("file")));
        assertThat(group.shutdownGracefully(0, 10, TimeUnit.SECONDS).await(LIMIT_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        late.setSuccess(registration[0]);
        assertThat(opening.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(opening.cause()).isInstanceOf(ClosedChannelException.class);
    }
}
