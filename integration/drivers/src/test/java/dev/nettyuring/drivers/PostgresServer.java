// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.drivers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Debian's PostgreSQL, which keeps its programs out of the path. */
final class PostgresServer extends LocalServer {
    static final String USER = "postgres";
    private static final Path PROGRAMS = Path.of("/usr/lib/postgresql");
    private static final int LIMIT_SECONDS = 110;

    private final Path programs = newest();

    PostgresServer() throws Exception {
        Process init = launch(List.of(
                programs.resolve("initdb").toString(),
                "--pgdata=" + data(),
                "--username=" + USER,
                "--auth=trust",
                "--no-sync",
                "--locale=C",
                "--encoding=UTF8"));
        if (!init.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || init.exitValue() != 0) {
            init.destroyForcibly().waitFor();
            close();
            throw new IOException("initdb fails");
        }
    }

    private static Path newest() throws IOException {
        try (Stream<Path> versions = Files.list(PROGRAMS)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(programs -> Files.isExecutable(programs.resolve("postgres")))
                    .max(Comparator.comparing(programs -> Integer.valueOf(
                            programs.getName(programs.getNameCount() - 2).toString())))
                    .orElseThrow();
        }
    }

    private Path data() {
        return folder().resolve("data");
    }

    @Override
    List<String> command(int port) {
        return List.of(
                programs.resolve("postgres").toString(),
                "-D",
                data().toString(),
                "-p",
                Integer.toString(port),
                "-k",
                folder().toString(),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "fsync=off",
                "-c",
                "shared_buffers=16MB");
    }

    @Override
    Path file(int port) {
        return folder().resolve(".s.PGSQL." + port);
    }

    /** It listens before it takes connections. */
    @Override
    boolean ready() throws Exception {
        for (int i = 0; i < LIMIT_SECONDS * 10; i++) {
            Process isReady = launch(List.of(
                    programs.resolve("pg_isready").toString(),
                    "-q",
                    "-h",
                    folder().toString(),
                    "-p",
                    Integer.toString(port())));
            if (isReady.waitFor() == 0) {
                return true;
            }
            Thread.sleep(100);
        }
        return false;
    }

    /** By the signal at which its processes end at once; SIGKILL would leave those that serve connections. */
    @Override
    void kill() {
        signal("QUIT");
    }
}
