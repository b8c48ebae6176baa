// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each error is said to come from, by what the machine tells. */
class SetupAdviceTest {
    private static final int SQ_ENTRIES = 512;
    private static final int CQ_ENTRIES = 4096;
    private static final Path MANUAL = Path.of("../docs/troubleshooting.md");
    private static final Path PROFILE = Path.of("../docs/seccomp-io_uring.json");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    @TempDir
    private Path root;

    @BeforeEach
    void aMachineThatAllowsAll() throws IOException {
        put("sys/kernel/osrelease", "6.12.9");
        put("sys/kernel/io_uring_disabled", "0");
        put("self/uid_map", "0 0 4294967295");
        status("0", "0");
        put("self/limits", "Max locked memory         65536                65536                bytes");
    }

    private void put(String file, String content) throws IOException {
        Path path = root.resolve("proc").resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content + '\n');
    }

    private void status(String seccomp, String capabilities) throws IOException {
        put("self/status", "Gid:\t1\t1\t1\t1\nGroups:\t\nCapEff:\t" + capabilities + "\nSeccomp:\t" + seccomp);
    }

    private String advice(int errno) {
        String advice = SetupAdvice.of(errno, SQ_ENTRIES, CQ_ENTRIES, Host.at(root));
        assertThat(advice.lines()).hasSizeLessThan(2);
        if (!advice.isEmpty()) {
            String message = Errno.message("io_uring_setup", -errno) + advice;
            assertThat(messagesInTheManual()).as("rows for: %s", message).anyMatch(parts -> isIn(message, parts));
        }
        return advice;
    }

    /** What the rows of the manual's table of messages quote: parts of a message, between ellipses. */
    private static List<List<String>> messagesInTheManual() {
        List<List<String>> messages = new ArrayList<>();
        for (String line :
                read(MANUAL).split("## Messages")[1].split("\n## ")[0].split("\n")) {
            Matcher quoted = QUOTED.matcher(line.split("\\|", 3).length == 3 ? line.split("\\|", 3)[1] : "");
            while (quoted.find()) {
                messages.add(Arrays.asList(quoted.group(1).split(" ?… ?")));
            }
        }
        return messages;
    }

    private static boolean isIn(String message, List<String> parts) {
        int from = 0;
        for (String part : parts) {
            int at = message.indexOf(part, from);
            if (at < 0) {
                return false;
            }
            from = at + part.length();
        }
        return true;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theProfileInTheManualAllowsTheCallsThatTheAdviceNames() throws IOException {
        status("2", "0");
        Matcher call = Pattern.compile("\"(io_uring_\\w+)\"").matcher(read(PROFILE));
        assertThat(call.results().map(found -> found.group(1)))
                .containsExactlyInAnyOrder("io_uring_setup", "io_uring_enter", "io_uring_register")
                .allMatch(advice(Errno.EPERM)::contains);
    }

    @Test
    void forbiddenByTheSysctl() throws IOException {
        put("sys/kernel/io_uring_disabled", "2");
        status("2", "0");
        assertThat(advice(Errno.EPERM))
                .contains("kernel.io_uring_disabled=2", "sysctl kernel.io_uring_disabled=0")
                .doesNotContain("seccomp", "io_uring_group");
    }

    @Test
    void forbiddenByTheSysctlToUsersWithoutPrivilege() throws IOException {
        put("sys/kernel/io_uring_disabled", "1");
        assertThat(advice(Errno.EPERM)).contains("kernel.io_uring_disabled=1", "kernel.io_uring_group");
    }

    @Test
    void forbiddenByAFilter() throws IOException {
        status("2", "0");
        assertThat(advice(Errno.EPERM))
                .contains("seccomp", "io_uring_setup, io_uring_enter and io_uring_register")
                .doesNotContain("sysctl");
    }

    @Test
    void forbiddenByAFilterAlthoughTheSysctlAllowsItToRoot() throws IOException {
        put("sys/kernel/io_uring_disabled", "1");
        status("2", "000001ffffffffff");
        assertThat(advice(Errno.EPERM)).contains("seccomp").doesNotContain("sysctl");
    }

    @Test
    void forbiddenByNeither() {
        assertThat(advice(Errno.EPERM)).contains("SELinux").doesNotContain("sysctl", "seccomp");
        assertThat(advice(Errno.EACCES)).contains("SELinux");
    }

    @Test
    void tooLittleLockedMemorySaysHowMuchIsNeeded() {
        assertThat(advice(Errno.ENOMEM))
                .contains("RLIMIT_MEMLOCK", "needs 100 KiB", "may have 64 KiB", "ulimit -l", "LimitMEMLOCK=");
    }

    @Test
    void noMemoryForAProcessThatTheLimitDoesNotApplyTo() throws IOException {
        status("0", "000001ffffffffff");
        assertThat(advice(Errno.ENOMEM)).contains("100 KiB", "memory.max").doesNotContain("RLIMIT_MEMLOCK");
        status("0", "0");
        put("self/limits", "Max locked memory         unlimited            unlimited            bytes");
        assertThat(advice(Errno.ENOMEM)).contains("memory.max").doesNotContain("RLIMIT_MEMLOCK");
    }

    @Test
    void anOldKernel() throws IOException {
        put("sys/kernel/osrelease", "4.18.0-513.el8.x86_64");
        assertThat(advice(Errno.ENOSYS)).contains("4.18.0-513.el8.x86_64", "6.1 or newer");
        put("sys/kernel/osrelease", "5.15.0");
        assertThat(advice(Errno.EINVAL)).contains("5.15.0", "6.1 or newer");
    }

    @Test
    void aNewKernelWithoutTheCall() throws IOException {
        assertThat(advice(Errno.ENOSYS)).contains("6.12.9", "CONFIG_IO_URING").doesNotContain("newer");
        status("2", "0");
        assertThat(advice(Errno.ENOSYS)).contains("seccomp filter hides").doesNotContain("newer");
    }

    @Test
    void noFileDescriptor() {
        assertThat(advice(Errno.EMFILE)).contains("RLIMIT_NOFILE", "ulimit -n");
        assertThat(advice(Errno.ENFILE)).contains("file descriptor");
    }

    @Test
    void whatNobodyKnowsIsNotExplained() {
        assertThat(advice(Errno.EIO)).isEmpty();
    }
}
