// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.ring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.jni.Errno;
import dev.nettyuring.jni.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each error is said to come from, by what the machine tells. */
class SetupAdviceTest {
    private static final int SQ_ENTRIES = 512;
    private static final int CQ_ENTRIES = 4096;

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
        return advice;
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
