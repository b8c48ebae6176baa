// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from {@code /proc}, here from a copy. */
class HostTest {
    private static final String INITIAL_USERS = "         0          0 4294967295\n";
    private static final String ALL_CAPABILITIES = "000001ffffffffff";
    /** CAP_SYS_ADMIN and CAP_IPC_LOCK. */
    private static final String NEITHER_CAPABILITY = "000001ffffdfbfff";

    @TempDir
    private Path root;

    private Host host;

    private void put(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
        host = Host.at(root);
    }

    @ParameterizedTest
    @CsvSource({
        "6.1.0-18-amd64, false",
        "6.1, false",
        "6.12.3, false",
        "7.0-rc1, false",
        "6.0.19, true",
        "5.15.0-1057-aws, true",
        "4.18.0-513.el8.x86_64, true",
        "gVisor, false"
    })
    void tooOldIsWhatIsBefore61(String release, boolean tooOld) throws IOException {
        put("proc/sys/kernel/osrelease", release + '\n');
        assertThat(host.kernelRelease()).isEqualTo(release);
        assertThat(host.isKernelTooOld()).isEqualTo(tooOld);
    }

    @ParameterizedTest
    @CsvSource({
        "0, " + NEITHER_CAPABILITY + ", -1, false",
        "1, " + NEITHER_CAPABILITY + ", -1, true",
        "1, " + NEITHER_CAPABILITY + ", 7, true",
        "1, " + NEITHER_CAPABILITY + ", 1000, false",
        "1, " + NEITHER_CAPABILITY + ", 27, false",
        "1, " + ALL_CAPABILITIES + ", -1, false",
        "2, " + ALL_CAPABILITIES + ", 1000, true"
    })
    void theSysctlsSwitchOffAsTheKernelDocumentsIt(int disabled, String capabilities, int group, boolean off)
            throws IOException {
        put("proc/self/uid_map", INITIAL_USERS);
        put(
                "proc/self/status",
                "Name:\tjava\nGid:\t1000\t1000\t1000\t1000\nGroups:\t4 27 \nCapEff:\t" + capabilities + '\n');
        put("proc/sys/kernel/io_uring_disabled", disabled + "\n");
        put("proc/sys/kernel/io_uring_group", group + "\n");
        assertThat(host.ioUringDisabled()).hasValue(disabled);
        assertThat(host.isIoUringSwitchedOff()).isEqualTo(off);
    }

    @Test
    void capabilitiesOfAUserNamespaceDoNotCount() throws IOException {
        put("proc/self/status", "CapEff:\t" + ALL_CAPABILITIES + '\n');
        put("proc/self/uid_map", INITIAL_USERS);
        assertThat(host.mayLockAnyMemory()).isTrue();
        put("proc/self/uid_map", "         0       1000          1\n");
        assertThat(host.mayLockAnyMemory()).isFalse();
        put("proc/sys/kernel/io_uring_disabled", "1\n");
        assertThat(host.isIoUringSwitchedOff()).isTrue();
    }

    @Test
    void limitsAreInBytesOrUnlimited() throws IOException {
        put(
                "proc/self/limits",
                "Limit                     Soft Limit           Hard Limit           Units     \n"
                        + "Max open files            1024                 524288               files     \n"
                        + "Max locked memory         8388608              unlimited            bytes     \n");
        assertThat(host.openFiles()).isEqualTo(new Host.Limit(1024, 524288));
        assertThat(host.lockedMemory()).isEqualTo(new Host.Limit(8 << 20, Long.MAX_VALUE));
        assertThat(host.mayLock(8 << 20)).isTrue();
        assertThat(host.mayLock((8 << 20) + 1)).isFalse();
    }

    @Test
    void aSeccompFilterIsMode2() throws IOException {
        put("proc/self/status", "NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n");
        assertThat(host.hasSeccompFilter()).isTrue();
        put("proc/self/status", "NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n");
        assertThat(host.hasSeccompFilter()).isFalse();
    }

    @Test
    void containersLeaveTheirMarks() throws IOException {
        put("proc/1/cgroup", "0::/\n");
        assertThat(host.container()).isEmpty();
        put("proc/1/cgroup", "0::/kubepods/besteffort/pod1\n");
        assertThat(host.container()).isEqualTo("kubepods");
        put(".dockerenv", "");
        assertThat(host.container()).isEqualTo("docker");
    }

    @Test
    void whereNothingIsToldNothingIsLimited() {
        host = Host.at(root);
        assertThat(host.isIoUringSwitchedOff()).isFalse();
        assertThat(host.ioUringDisabled()).isEmpty();
        assertThat(host.hasSeccompFilter()).isFalse();
        assertThat(host.lockedMemory().isUnlimited()).isTrue();
        assertThat(host.mayLockAnyMemory()).isFalse();
        assertThat(host.container()).isEmpty();
        assertThat(host.kernelRelease()).isEqualTo(System.getProperty("os.version"));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void thisMachineTells() throws IOException {
        host = Host.current();
        assertThat(host.kernelRelease()).isEqualTo(System.getProperty("os.version"));
        assertThat(host.openFiles().soft()).isBetween(1L, host.openFiles().hard());
        assertThat(host.lockedMemory().soft()).isBetween(0L, host.lockedMemory().hard());
    }
}
