// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.syscall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nettyuring.testsuite.EndedProcess;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * System calls of an event loop fail while it works. Either nobody notices, and every byte arrives, or the promise of what was
 * asked for fails and says why; nothing hangs, and nothing is left open; and the next attempt, without a fault, works. With
 * -Dsyscalls.all every error of the table, otherwise one a line.
 */
class InFlightFaultTest {
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
        return Stream.of(entering(), sockets(), sending(), receiving(), files(), splices(), memory())
                .flatMap(Fault.Table::lines);
    }

    private static Fault.Table entering() {
        return new Fault.Table()
                .withstands("echo", "io_uring_enter", "ENOMEM EINTR EAGAIN EBUSY ETIME")
                .withstands("splice", "io_uring_enter", "EINTR EAGAIN EBUSY ENOMEM")
                .withstands("zero-copy", "io_uring_enter", "EAGAIN EINTR EBUSY ENOMEM")
                .withstands("datagrams", "io_uring_enter", "EBUSY EINTR EAGAIN ENOMEM")
                .withstands("domain", "io_uring_enter", "EINTR EAGAIN EBUSY ENOMEM")
                .withstands("file", "io_uring_enter", "EAGAIN EINTR EBUSY ENOMEM")
                // completions may be lost: all connections end, the loop does not
                .closes("echo", "io_uring_enter", "9", "EBADR")
                .endsTheLoop("echo", "io_uring_enter", "2", "EFAULT EINVAL EBADF ENXIO EOPNOTSUPP EBADFD EPERM")
                // and is not to be had afterwards either
                .endsTheLoop("echo", "io_uring_enter", "1+", "EINVAL")
                .endsTheLoop("echo", "io_uring_enter", "9+", "EBADF EINVAL")
                .endsTheLoop("bulk", "io_uring_enter", "3+", "EINVAL")
                .endsTheLoop("domain", "io_uring_enter", "2+", "EINVAL")
                .endsTheLoop("datagrams", "io_uring_enter", "2+", "EFAULT")
                .endsTheLoop("zero-copy", "io_uring_enter", "2+", "EBADFD")
                .endsTheLoop("file-region", "io_uring_enter", "2+", "EPERM")
                .endsTheLoop("splice", "io_uring_enter", "3+", "ENXIO")
                .endsTheLoop("file", "io_uring_enter", "2+", "EOPNOTSUPP");
    }

    private static Fault.Table sockets() {
        return new Fault.Table()
                .fails("echo", "socket", "1", "EMFILE", "socket", "RLIMIT_NOFILE")
                .fails("echo", "socket", "1", "EAFNOSUPPORT", "socket", "preferIPv4Stack")
                .fails("echo", "socket", "1", "EACCES EPERM", "socket", "seccomp")
                .fails("echo", "socket", "2", "ENFILE", "socket", "fs.file-max")
                .fails("echo", "socket", "2", "ENOBUFS ENOMEM EMFILE EACCES EAFNOSUPPORT EINVAL", "socket")
                .fails("domain", "socket", "1", "ENFILE EMFILE ENOBUFS ENOMEM EACCES EAFNOSUPPORT", "socket")
                .fails("domain", "socket", "2", "EMFILE ENFILE ENOBUFS ENOMEM", "socket")
                .fails("datagrams", "socket", "1", "ENOMEM EMFILE ENFILE ENOBUFS EACCES", "socket")
                .fails("echo", "setsockopt", "1", "ENOBUFS ENOMEM", "setsockopt")
                .fails("echo", "setsockopt", "2", "ENOMEM ENOBUFS", "setsockopt")
                .fails("echo", "setsockopt", "3", "ENOBUFS ENOMEM", "setsockopt")
                .fails("datagrams", "setsockopt", "1", "ENOMEM ENOBUFS", "setsockopt")
                .fails("options", "getsockopt", "1", "ENOBUFS ENOMEM", "getsockopt")
                .fails("echo", "bind", "1", "ENOMEM EADDRINUSE EACCES", "bind")
                .fails("domain", "bind", "1", "ENOSPC ENOMEM", "bind")
                .fails("echo", "listen", "1", "EADDRINUSE", "listen")
                .fails("domain", "listen", "1", "EADDRINUSE", "listen")
                .fails("echo", "getsockname", "1", "ENOBUFS", "getsockname")
                .withstands("echo", "getsockname", "2", "ENOBUFS")
                .fails("datagrams", "connect", "1", "EIO ENOBUFS EACCES", "connect")
                .fails("shutdown", "shutdown", "1", "EIO ENOBUFS EINTR", "shutdown");
    }

    private static Fault.Table sending() {
        return new Fault.Table()
                .fails("gather", "sendmsg", "1", "ENOBUFS EIO ENOMEM EPIPE ECONNRESET", "sendmsg")
                .withstands("gather", "sendmsg", "1", "EINTR EAGAIN")
                .fails("datagrams", "sendmmsg", "1", "ENOBUFS EIO ENOMEM EPERM ENETUNREACH", "1 of 10", "sendmsg")
                .fails("datagrams", "sendmmsg", "2", "EIO ENOBUFS ENOMEM EPERM", "sendmsg")
                .withstands("datagrams", "sendmmsg", "1", "EINTR EAGAIN")
                .withstands("datagrams", "io_uring_register", "1", "ENOMEM EINVAL")
                .withstands("zero-copy", "io_uring_setup", "1", "EMFILE ENFILE ENOMEM EPERM")
                .withstands("zero-copy", "io_uring_register", "1", "ENOMEM EINVAL EFAULT")
                .withstands("zero-copy", "io_uring_register", "2", "ENOMEM EINVAL EBUSY")
                .withstands("zero-copy", "io_uring_register", "3", "ENOMEM EFAULT EOPNOTSUPP")
                .withstands("zero-copy", "io_uring_register", "4", "ENOMEM EFAULT EINVAL")
                .withstands("zero-copy", "pipe2", "1", "ENFILE EMFILE ENOMEM");
    }

    private static Fault.Table receiving() {
        return new Fault.Table()
                .withstands("bulk", "recvfrom", "1", "EINTR EAGAIN ENOBUFS")
                .withstands("bulk", "recvfrom", "1+2", "EAGAIN EINTR ENOBUFS")
                .fails("bulk", "recvfrom", "1", "ENOMEM ECONNRESET EIO", "recv");
    }

    private static Fault.Table files() {
        return new Fault.Table()
                .withstands("file-region", "sendfile", "1", "EIO ENOMEM EINTR")
                .withstands("file-region", "sendfile", "1+2", "EINTR EIO ENOMEM EAGAIN")
                .withstands("file-region", "preadv2", "1", "EOPNOTSUPP EIO EAGAIN EINTR")
                .withstands("file-region", "preadv2", "1+2", "EIO EOPNOTSUPP EAGAIN EINTR")
                .withstands("file-region", "fcntl", "1", "EIO EBADF")
                .fails("file-region", "fcntl", "2", "EBADF EIO", "fcntl");
    }

    private static Fault.Table splices() {
        return new Fault.Table()
                .fails("splice", "splice", "1", "EIO ENOMEM EPIPE", "splice")
                .fails("splice", "splice", "2", "ENOMEM EIO EPIPE", "splice")
                .fails("splice", "splice", "3", "EPIPE EIO ENOMEM", "splice")
                .withstands("splice", "splice", "1+2", "EINTR EAGAIN")
                .fails("splice", "pipe2", "1", "EMFILE", "pipe2", "RLIMIT_NOFILE")
                .fails("splice", "pipe2", "1", "ENFILE", "pipe2", "fs.file-max", "pipe-user-pages")
                .fails("splice", "pipe2", "1", "ENOMEM", "pipe2")
                .fails("splice", "fcntl", "1", "EIO", "fcntl");
    }

    /** Memory of operations, on its first use by a loop, and of what else it maps. */
    private static Fault.Table memory() {
        return new Fault.Table()
                .fails("echo", "mmap", "1", "ENOMEM", "<- dev.nettyuring.jni.KernelException: mmap", "memory.max")
                .fails("echo", "mmap", "1", "EAGAIN EPERM", "<- dev.nettyuring.jni.KernelException: mmap")
                .withstands("bulk", "mmap", "2", "ENOMEM EAGAIN")
                .fails("gather", "mmap", "2", "ENOMEM EAGAIN", "<- dev.nettyuring.jni.KernelException: mmap")
                .fails("domain", "mmap", "1", "ENOMEM EAGAIN", "<- dev.nettyuring.jni.KernelException: mmap")
                .fails("small-region", "mmap", "1", "ENOMEM EAGAIN", "<- dev.nettyuring.jni.KernelException: mmap")
                .fails("small-region", "mmap", "1..40", "ENOMEM", "<- dev.nettyuring.jni.KernelException: mmap")
                .withstands("datagrams", "mmap", "1", "ENOMEM EAGAIN")
                .withstands("datagrams", "mmap", "2", "ENOMEM")
                .withstands("datagrams", "mmap", "3", "ENOMEM")
                .withstands("datagrams", "mmap", "3..4", "ENOMEM")
                .withstands("datagrams", "mmap", "4", "ENOMEM")
                .withstands("datagrams", "mmap", "5", "ENOMEM")
                .fails("splice", "mmap", "2", "ENOMEM", "<- dev.nettyuring.jni.KernelException: mmap")
                .fails("file", "mmap", "1", "ENOMEM EAGAIN", "<- dev.nettyuring.jni.KernelException: mmap")
                // of the slab that is unmapped, what the table of registered memory says
                .withstands("given-back", "mmap", "9", "ENOMEM")
                .withstands("given-back", "mmap", "10", "ENOMEM")
                .withstands("given-back", "mmap", "11", "ENOMEM")
                .withstands("given-back", "mmap", "12", "ENOMEM")
                .withstands("zero-copy", "mmap", "2", "ENOMEM")
                .withstands("zero-copy", "mmap", "3", "ENOMEM")
                .withstands("zero-copy", "mmap", "4", "ENOMEM")
                .withstands("zero-copy", "mmap", "5", "ENOMEM")
                .withstands("zero-copy", "mmap", "6", "ENOMEM");
    }

    @ParameterizedTest
    @MethodSource("faults")
    void nothingIsLostOrLeft(Fault fault) throws Exception {
        run.run(fault);
    }

    /** How far provided buffers are filled nobody knows after that. */
    @Test
    void whereCompletionsWereLostAllIsReceivedIntoAllocatedMemory() throws Exception {
        run.warmUp(Scenarios.ECHO);
        SubjectProcess subject = run.subject();
        long thread = Long.parseLong(subject.ask(Scenarios.ECHO));
        try (Strace strace = Strace.attach(folder, thread, "io_uring_enter", "EBADR", "9")) {
            assertThat(subject.ask(Subject.ATTEMPT)).contains("failed", "closed");
        }
        assertThat(subject.ask(Subject.ATTEMPT)).startsWith(Subject.OK).endsWith(Echo.INTO_ALLOCATED_MEMORY);
        assertThat(subject.ask(Subject.END)).isEqualTo(Subject.NOTHING);
    }

    /** No file descriptor at all is left to the process, and then there are some again. */
    @ParameterizedTest
    @ValueSource(strings = {"echo", "domain", "datagrams", "file"})
    void withoutFileDescriptorsItIsSaidAndGoesOnWhenThereAreSome(String scenario) throws Exception {
        run.run(new Fault.Table()
                .fails("echo", "socket", "1", "EMFILE", "socket")
                .lines()
                .findFirst()
                .orElseThrow());
        run.warmUp(scenario);
        SubjectProcess subject = run.subject();
        subject.ask(scenario);
        String limited;
        limitDescriptors(subject, "3");
        try {
            limited = subject.ask(Subject.ATTEMPT);
        } finally {
            limitDescriptors(subject, "4096");
        }
        assertThat(limited).startsWith("failed").contains("EMFILE").doesNotContain("HANGS", "LEFT");
        assertThat(subject.ask(Subject.ATTEMPT)).startsWith(Subject.OK);
        assertThat(subject.ask(Subject.END)).isEqualTo(Subject.NOTHING);
    }

    private static void limitDescriptors(SubjectProcess subject, String soft) throws Exception {
        EndedProcess prlimit = EndedProcess.of(
                folder, new ProcessBuilder("prlimit", "--pid", Long.toString(subject.pid()), "--nofile=" + soft + ':'));
        assertThat(prlimit.status()).as(prlimit.printed()).isZero();
    }
}
