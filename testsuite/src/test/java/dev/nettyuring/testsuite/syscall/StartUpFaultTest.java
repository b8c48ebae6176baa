// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * System calls fail while a program looks whether there is io_uring, chooses a transport, and makes its first event loop. It
 * is told which call, why and what would do, or has what is fallen back to; nothing is left open or mapped; and the next
 * attempt, without a fault, works. With -Dsyscalls.all every error that the manuals name, otherwise one of each sort.
 */
class StartUpFaultTest {
    @TempDir
    private static Path folder;

    private static FaultRun run;

    @BeforeAll
    static void start() throws Exception {
        run = new FaultRun(folder);
    }

    @AfterAll
    static void end() throws Exception {
        run.close();
    }

    private static Stream<Fault> faults() {
        Fault.Table table = new Fault.Table()
                // each of the rings that looking for features opens
                .fails("probe", "io_uring_setup", "1", "EMFILE", "io_uring_setup", "RLIMIT_NOFILE", "ulimit -n")
                .fails("probe", "io_uring_setup", "2", "ENFILE", "io_uring_setup", "fs.file-max")
                .fails("probe", "io_uring_setup", "3", "EACCES EPERM", "io_uring_setup", "security module")
                .fails("probe", "io_uring_setup", "2", "ENOSYS", "io_uring_setup", "CONFIG_IO_URING")
                .fails("probe", "io_uring_setup", "2", "EINVAL", "io_uring_setup", "this kernel")
                .fails("probe", "io_uring_setup", "2", "EFAULT", "io_uring_setup")
                .fails("probe", "io_uring_setup", "2+", "ENOMEM", "io_uring_setup", "used up")
                .withstands("probe", "io_uring_setup", "2", "ENOMEM", "PBUF_INC")
                .fails("probe", "eventfd2", "1", "EMFILE", "eventfd", "RLIMIT_NOFILE")
                .fails("probe", "io_uring_register", "1", "EPERM", "io_uring_register", "security module")
                .fails("probe", "io_uring_register", "1", "EBUSY EBADFD", "io_uring_register")
                .withstands("probe", "io_uring_register", "7", "ENOMEM", "CLONE_BUFFERS")
                .withstands("best", "io_uring_setup", "1", "EMFILE", "epoll", "EMFILE", "RLIMIT_NOFILE")
                .withstands(
                        "best", "io_uring_setup", "1", "ENFILE EPERM EACCES ENOSYS EINVAL", "epoll", "io_uring_setup")
                .withstands("best", "eventfd2", "1", "EMFILE ENFILE", "epoll", "eventfd")
                .withstands("best", "mmap", "2", "EAGAIN EPERM", "epoll", "mmap")
                .withstands("best", "io_uring_register", "1", "EINVAL EFAULT", "epoll", "PBUF_RING")
                .fails("loop", "io_uring_setup", "1", "EMFILE ENFILE", "io_uring_setup", "no file descriptor")
                .fails("loop", "io_uring_setup", "1", "EPERM EACCES ENOSYS EINVAL EFAULT", "io_uring_setup")
                .fails("loop", "io_uring_setup", "1+", "ENOMEM", "io_uring_setup", "used up")
                .withstands("loop", "io_uring_setup", "1..3", "ENOMEM")
                .fails("loop", "eventfd2", "1", "EMFILE", "eventfd", "RLIMIT_NOFILE")
                .fails("loop", "eventfd2", "1", "ENFILE", "eventfd", "fs.file-max")
                .fails("loop", "eventfd2", "1", "ENOMEM", "eventfd", "memory.max")
                .fails("loop", "io_uring_register", "1", "EINVAL EFAULT EEXIST EBUSY", "io_uring_register")
                .fails("loop", "io_uring_register", "1+", "ENOMEM", "io_uring_register", "RLIMIT_MEMLOCK")
                .withstands("loop", "io_uring_register", "1..3", "ENOMEM")
                .fails("loop-thread", "io_uring_register", "1", "EBUSY EBADFD EINVAL ENOMEM", "ENABLE_RINGS")
                .fails("loop-thread", "io_uring_register", "3", "EINVAL ENOMEM", "IOWQ_MAX_WORKERS")
                .withstands("loop-thread", "io_uring_register", "2", "EBUSY ENOMEM EINVAL EMFILE");
        // every mapping of a ring and its buffers
        for (int n = 1; n <= 6; n++) {
            table.fails("loop", "mmap", Integer.toString(n), "EAGAIN", "mmap", "RLIMIT_MEMLOCK")
                    .fails("loop", "mmap", Integer.toString(n), "EPERM", "mmap", "seccomp");
        }
        for (int n = 2; n <= 8; n++) {
            table.fails("probe", "mmap", Integer.toString(n), "EAGAIN EPERM", "mmap");
        }
        table.fails("loop", "mmap", "2+", "ENOMEM", "mmap", "memory.max", "vm.max_map_count");
        table.withstands("loop", "mmap", "2", "ENOMEM");
        return table.lines();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void isToldOrDoneWithoutAndLeavesNothing(Fault fault) throws Exception {
        run.run(fault);
    }
}
