// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.channel;

import static dev.nettyuring.testsuite.channel.TestBytes.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By which system calls files are sent that are in the page cache, or are not, or nobody knows: in a process under strace(1). */
class CachedFileTest {
    private static final int FILE_BYTES = 5_000_001;
    private static final String LARGE = "5000001";
    private static final String[] ALL_SIZES = {"1", "5000", "100000", "200001", LARGE};
    private static final int NOBODY = 65534;

    @TempDir
    private Path folder;

    private Path file;
    private Path trace;

    @BeforeEach
    void writeFile() throws Exception {
        file = Files.write(folder.resolve("file"), random(FILE_BYTES));
        trace = folder.resolve("trace");
    }

    private List<String> strace(String... options) {
        List<String> command = new ArrayList<>(List.of("strace", "-f", "--seccomp-bpf", "-o", trace.toString()));
        command.addAll(List.of("-e", "trace=sendfile,preadv2,sendmsg,io_uring_enter"));
        command.addAll(List.of(options));
        return command;
    }

    private void download(List<String> wrapper, boolean cached, String... sizes) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(file.toString(), String.valueOf(cached)));
        arguments.addAll(List.of(sizes));
        String printed;
        try (CachedFiles.Held held = cached ? CachedFiles.hold(file) : null) {
            printed = JavaProcess.output(folder, wrapper, List.of(), Downloads.class, arguments.toArray(new String[0]));
        }
        assertThat(printed).as("output").contains(Downloads.DONE).doesNotContain("LEAK", "Exception");
    }

    private List<String> calls(String name) throws Exception {
        return Files.readAllLines(trace).stream()
                .filter(line -> line.contains(name))
                .collect(Collectors.toList());
    }

    @Test
    void whatIsCachedIsSentAtOnce() throws Exception {
        assumeTrue(CachedFiles.areTold(file), "the kernel does not tell what is cached");
        download(strace(), true, LARGE);
        assertThat(calls("sendfile(")).isNotEmpty();
    }

    @Test
    void smallFilesGoWithWhatIsBeforeThem() throws Exception {
        assumeTrue(CachedFiles.canBeRead(file), "the file system does not say what can be read at once");
        download(strace(), true, "5000", "16384");
        assertThat(calls("preadv2(")).hasSize(2).allMatch(line -> line.contains("= 5000") || line.contains("= 16384"));
        assertThat(calls("sendfile(")).isEmpty();
    }

    /** So that it neither is a packet of its own nor wakes the peer once more, and nothing is copied. */
    @ParameterizedTest
    @ValueSource(strings = {"16385", "100000", LARGE})
    void whatIsBeforeALargeFileGoesWithItsFirstBytes(String bytes) throws Exception {
        assumeTrue(CachedFiles.areTold(file), "the kernel does not tell what is cached");
        download(strace(), true, bytes);
        List<String> calls = calls("(");
        calls.removeIf(line -> !line.matches(".* (preadv2|sendmsg|sendfile)\\(.*"));
        assertThat(calls.get(0)).contains("preadv2(").endsWith("= 1");
        assertThat(calls.get(1)).contains("sendmsg(", "MSG_MORE").endsWith("= 10");
        assertThat(calls.get(2)).contains("sendfile(");
    }

    @Test
    void soDoesWhatIsBeforeEachOfSeveral() throws Exception {
        assumeTrue(CachedFiles.areTold(file), "the kernel does not tell what is cached");
        download(strace(), true, LARGE + "x3");
        assertThat(calls("MSG_MORE")).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EAGAIN", "EINTR"})
    void whatIsBeforeALargeFileMayHaveToWait(String errno) throws Exception {
        assumeTrue(CachedFiles.areTold(file), "the kernel does not tell what is cached");
        download(strace("-e", "inject=sendmsg:error=" + errno), true, ALL_SIZES);
        assertThat(calls("INJECTED")).isNotEmpty();
        assertThat(calls("sendfile(")).isNotEmpty();
    }

    @Test
    void whatIsNotCachedIsNotWaitedFor() throws Exception {
        assumeTrue(CachedFiles.canBeRead(file), "the file system does not say what can be read at once");
        download(strace(), false, LARGE, LARGE, LARGE);
        assertThat(calls("preadv2(")).anyMatch(line -> line.contains("EAGAIN"));
        List<String> calls = calls("(");
        calls.removeIf(line -> line.contains("io_uring_enter") || line.contains("sendmsg("));
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).contains("sendfile(")) { // read ahead by now, up to the last byte
                assertThat(calls.get(i - 1)).contains("preadv2(").endsWith("= 1");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EAGAIN", "EOPNOTSUPP"})
    void whatCannotBeReadAtOnceIsNotSentAtOnce(String errno) throws Exception {
        download(strace("-e", "inject=preadv2:error=" + errno), true, ALL_SIZES);
        assertThat(calls("INJECTED")).isNotEmpty();
        assertThat(calls("sendfile(")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"EAGAIN:when=1+2", "EINTR:when=1+2", "EINVAL", "EIO:when=2+2"})
    void sendingAtOnceMayFail(String fault) throws Exception {
        assumeTrue(CachedFiles.areTold(file), "the kernel does not tell what is cached");
        download(strace("-e", "inject=sendfile:error=" + fault), true, ALL_SIZES);
        assertThat(calls("INJECTED")).isNotEmpty();
    }

    /** The kernel tells of a file what is cached to those who own it, or may write it. */
    @Test
    void othersFilesAreReadAtOnce() throws Exception {
        assumeTrue(CachedFiles.canBeRead(file), "the file system does not say what can be read at once");
        assumeTrue((int) Files.getAttribute(folder, "unix:uid") == 0, "only root can give a file away");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.setAttribute(file, "unix:uid", NOBODY);
        List<String> wrapper = strace();
        wrapper.addAll(List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"));
        download(wrapper, true, ALL_SIZES);
        assertThat(calls("sendfile(")).isEmpty();
        assertThat(calls("preadv2(")).isNotEmpty().noneMatch(line -> line.contains("EAGAIN"));
    }
}
