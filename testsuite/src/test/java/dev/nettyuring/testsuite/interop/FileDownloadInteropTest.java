// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.OpenFiles;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files, sent as regions and in chunks. */
@Timeout(120)
@ExtendWith(LeakCheck.class)
class FileDownloadInteropTest {
    private static final int PIECE_BYTES = (1 << 20) + 7;
    private static final int PIECES = 48;
    private static final long FILE_BYTES = (long) PIECE_BYTES * PIECES;

    @TempDir
    static Path directory;

    private static Path file;

    @BeforeAll
    static void writeFile() throws Exception {
        file = directory.resolve("download");
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] piece = Payload.bytes(PIECE_BYTES).clone();
            for (int i = 0; i < PIECES; i++) {
                piece[i] ^= 1; // no two pieces are alike
                out.write(piece);
            }
        }
    }

    private static String query(String path, long from, long count) {
        return path + "?file=" + file + "&from=" + from + "&count=" + count;
    }

    private static void assertNoFileIsOpen() {
        Awaitility.await("the file to be closed").until(() -> OpenFiles.count(file.toString()::equals) == 0);
    }

    @Test
    void curlDownloadsAWholeFileAsARegion() throws Exception {
        Path output = directory.resolve("output");
        try (InteropServer server = InteropServer.start(Security.PLAIN, Application.HTTP_1)) {
            Curl.fetch(server, query("/region", 0, FILE_BYTES), "--output", output.toString());
            assertThat(Payload.sha256(output)).isEqualTo(Payload.sha256(file));
            assertNoFileIsOpen();
        }
    }

    @ParameterizedTest
    @EnumSource(Security.class)
    void curlDownloadsAWholeFileInChunks(Security security) throws Exception {
        Path output = directory.resolve("output");
        try (InteropServer server = InteropServer.start(security, Application.HTTP_1)) {
            Curl.fetch(server, query("/file", 0, FILE_BYTES), "--output", output.toString());
            assertThat(Payload.sha256(output)).isEqualTo(Payload.sha256(file));
            assertNoFileIsOpen();
        }
    }

    @Test
    void slowReaderGetsAWholeRegion() throws Exception {
        Path output = directory.resolve("output");
        int count = 4 << 20;
        try (InteropServer server = InteropServer.start(Security.PLAIN, Application.HTTP_1)) {
            Curl.fetch(server, query("/region", 0, count), "--limit-rate", "2M", "--output", output.toString());
            assertThat(Files.readAllBytes(output)).isEqualTo(expected(0, count));
            assertNoFileIsOpen();
        }
    }

    @Test
    void partsOfFilesFollowEachOtherOnOneConnection() throws Exception {
        int[] starts = {0, 1, 4095, 4096, PIECE_BYTES, PIECE_BYTES + 1};
        int[] counts = {1, 0, 8193, 1 << 16, 1 << 20, (1 << 20) + 1};
        try (InteropServer server = InteropServer.start(Security.PLAIN, Application.HTTP_1);
                UringHttpClient client = UringHttpClient.connect(server)) {
            for (int i = 0; i < starts.length; i++) {
                client.send(UringHttpClient.get(query("/region", starts[i], counts[i])));
                client.send(UringHttpClient.get(query("/file", starts[i], counts[i])));
            }
            for (int i = 0; i < starts.length; i++) {
                byte[] expected = expected(starts[i], counts[i]);
                assertThat(client.next().body()).as("region %d", i).isEqualTo(expected);
                assertThat(client.next().body()).as("chunks %d", i).isEqualTo(expected);
            }
            assertThat(server.connections()).isEqualTo(1);
            assertNoFileIsOpen();
        }
    }

    private static byte[] expected(int from, int count) throws Exception {
        return Arrays.copyOfRange(Files.readAllBytes(file), from, from + count);
    }
}
