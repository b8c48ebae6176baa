// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.example.EchoServer;
import dev.nettyuring.example.TlsServer;
import dev.nettyuring.example.UdpEchoServer;
import dev.nettyuring.example.chat.ChatServer;
import dev.nettyuring.example.files.FileServer;
import dev.nettyuring.example.ident.IdentServer;
import dev.nettyuring.example.proxy.HttpProxy;
import dev.nettyuring.testsuite.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is no port is told by the examples' programs in a line, and not by a stack trace. */
@Timeout(60)
class ExamplePortTest {
    private static final int LIMIT_SECONDS = 50;
    private static final int USAGE = 2;

    @Test
    void whatIsNoPortIsTold() throws Exception {
        Map<Process, String> programs = new LinkedHashMap<>();
        try {
            programs.put(start(EchoServer.class, "http"), "http");
            programs.put(start(UdpEchoServer.class, "65536"), "65536");
            programs.put(start(TlsServer.class, "-1"), "-1");
            programs.put(start(FileServer.class, "99999999999"), "99999999999");
            programs.put(start(ChatServer.class, ""), "nothing");
            programs.put(start(IdentServer.class, "1.5"), "1.5");
            programs.put(start(HttpProxy.class, "0", "127.0.0.1", "x"), "x");
            programs.put(start(HttpProxy.class, "0x50", "127.0.0.1", "80"), "0x50");
            for (Map.Entry<Process, String> program : programs.entrySet()) {
                Process process = program.getKey();
                assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
                assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("port: " + program.getValue() + " (expected: a number from 0 to 65535)\n");
                assertThat(process.exitValue()).isEqualTo(USAGE);
            }
        } finally {
            programs.keySet().forEach(Process::destroyForcibly);
        }
    }

    private static Process start(Class<?> main, String... arguments) throws IOException {
        List<String> command = ChildJvm.command("-Xmx64m");
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
