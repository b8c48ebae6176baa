// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.testsuite.fault;

import dev.nettyuring.jni.Abi;
import dev.nettyuring.jni.Errno;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The errors that operations may have: all that io_uring_enter(2) and the page of the system call name. */
enum OperationErrors {
    RECEIVE(
            List.of(Page.RECV, Page.POSIX_RECV, Page.TCP, Page.IP),
            "ECANCELED EINTR EAGAIN",
            Abi.IORING_OP_RECV,
            Abi.IORING_OP_RECVMSG),
    SEND(
            List.of(Page.SEND, Page.TCP, Page.IP),
            "ECANCELED EINTR EAGAIN",
            Abi.IORING_OP_SEND,
            Abi.IORING_OP_SENDMSG,
            Abi.IORING_OP_SEND_ZC,
            Abi.IORING_OP_SENDMSG_ZC),
    ACCEPT(
            List.of(Page.ACCEPT),
            "ECONNABORTED EINTR EAGAIN EPERM EPROTO ENETDOWN ETIMEDOUT EMFILE ENFILE ENOBUFS ENOMEM ENOPROTOOPT "
                    + "EHOSTDOWN ENONET EHOSTUNREACH EOPNOTSUPP ENETUNREACH",
            Abi.IORING_OP_ACCEPT),
    CONNECT(List.of(Page.CONNECT, Page.IP), "", Abi.IORING_OP_CONNECT),
    READ(List.of(Page.READ), "ECANCELED EINTR EAGAIN", Abi.IORING_OP_READ, Abi.IORING_OP_READ_FIXED),
    WRITE(List.of(Page.WRITE), "ECANCELED EINTR EAGAIN", Abi.IORING_OP_WRITE, Abi.IORING_OP_WRITE_FIXED),
    SPLICE(List.of(Page.SPLICE), "ECANCELED EAGAIN", Abi.IORING_OP_SPLICE),
    POLL(List.of(Page.POLL), "ECANCELED EINTR", Abi.IORING_OP_POLL_ADD),
    OPEN(List.of(Page.OPEN), "EINTR", Abi.IORING_OP_OPENAT),
    SYNC(List.of(Page.FSYNC), "ECANCELED EINTR", Abi.IORING_OP_FSYNC),
    STATX(List.of(Page.STATX), "", Abi.IORING_OP_STATX),
    /** Whose end, however it comes, is what is waited for. */
    TIMEOUT(List.of(), "ECANCELED", Abi.IORING_OP_TIMEOUT),
    TRUNCATE(List.of(Page.FTRUNCATE), "EINTR", Abi.IORING_OP_FTRUNCATE),
    /** The descriptor is closed all the same. */
    CLOSE(List.of(Page.CLOSE), "", Abi.IORING_OP_CLOSE);

    /** Which errors a page of the manual names, of man-pages 6.03; the kernel returns no EWOULDBLOCK, which is EAGAIN. */
    enum Page {
        RECV("2 recv", "EAGAIN EBADF ECONNREFUSED EFAULT EINTR EINVAL ENOMEM ENOTCONN ENOTSOCK"),
        SEND(
                "2 send",
                "EACCES EAGAIN EALREADY EBADF ECONNRESET EDESTADDRREQ EFAULT EINTR EINVAL EISCONN EMSGSIZE ENOBUFS "
                        + "ENOMEM ENOTCONN ENOTSOCK EOPNOTSUPP EPIPE"),
        /** In its text, what the network had to say of new connections. */
        ACCEPT(
                "2 accept",
                "EAGAIN EBADF ECONNABORTED EFAULT EINTR EINVAL EMFILE ENFILE ENOBUFS ENOMEM ENOTSOCK EOPNOTSUPP EPERM "
                        + "EPROTO ENETDOWN ENOPROTOOPT EHOSTDOWN ENONET EHOSTUNREACH ENETUNREACH ENOSR ESOCKTNOSUPPORT "
                        + "EPROTONOSUPPORT ETIMEDOUT"),
        CONNECT(
                "2 connect",
                "EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF ECONNREFUSED EFAULT EINPROGRESS "
                        + "EINTR EISCONN ENETUNREACH ENOTSOCK EPERM EPROTOTYPE ETIMEDOUT"),
        READ("2 read", "EAGAIN EBADF EFAULT EINTR EINVAL EIO EISDIR"),
        WRITE("2 write", "EAGAIN EBADF EDESTADDRREQ EDQUOT EFAULT EFBIG EINTR EINVAL EIO ENOSPC EPERM EPIPE"),
        SPLICE("2 splice", "EAGAIN EBADF EINVAL ENOMEM ESPIPE"),
        POLL("2 poll", "EFAULT EINTR EINVAL ENOMEM"),
        OPEN(
                "2 open",
                "EACCES EBADF EBUSY EDQUOT EEXIST EFAULT EFBIG EINTR EINVAL EISDIR ELOOP EMFILE ENAMETOOLONG ENFILE "
                        + "ENODEV ENOENT ENOMEM ENOSPC ENOTDIR ENXIO EOPNOTSUPP EOVERFLOW EPERM EROFS ETXTBSY"),
        FSYNC("2 fsync", "EBADF EDQUOT EINTR EINVAL EIO ENOSPC EROFS"),
        STATX("2 statx", "EACCES EBADF EFAULT EINVAL ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR"),
        FTRUNCATE(
                "2 ftruncate",
                "EACCES EBADF EFAULT EFBIG EINTR EINVAL EIO EISDIR ELOOP ENAMETOOLONG ENOENT ENOTDIR EPERM EROFS ETXTBSY"),
        CLOSE("2 close", "EBADF EDQUOT EINTR EIO ENOSPC"),
        /** What Linux's page leaves out. */
        POSIX_RECV("3p recv", "ECONNRESET"),
        TCP("7 tcp", "EAFNOSUPPORT EPIPE ETIMEDOUT"),
        IP(
                "7 ip",
                "EACCES EADDRINUSE EADDRNOTAVAIL EAGAIN EALREADY ECONNABORTED EHOSTUNREACH EINVAL EISCONN EMSGSIZE "
                        + "ENOBUFS ENOENT ENOMEM ENOPKG ENOPROTOOPT ENOTCONN EOPNOTSUPP EPERM EPIPE ESOCKTNOSUPPORT"),
        /** Its section on errors of single operations; liburing's manual. */
        IO_URING_ENTER("2 io_uring_enter", "EACCES EBADF EFAULT EINVAL EOPNOTSUPP");

        final String name;
        final int[] errors;

        Page(String name, String errors) {
            this.name = name;
            this.errors = numbers(errors);
        }
    }

    private static final Map<Integer, OperationErrors> BY_OPCODE = new HashMap<>();

    static {
        for (OperationErrors kind : values()) {
            for (int opcode : kind.opcodes) {
                BY_OPCODE.put(opcode, kind);
            }
        }
    }

    /** What somebody goes on after: it is tried again, or the next is. */
    final int[] soft;
    /** What ends something. */
    final int[] hard;

    private final List<Page> pages;
    private final int[] opcodes;

    OperationErrors(List<Page> pages, String soft, int... opcodes) {
        this.pages =
                Stream.concat(pages.stream(), Stream.of(Page.IO_URING_ENTER)).collect(Collectors.toList());
        this.opcodes = opcodes;
        this.soft = numbers(soft);
        hard = this.pages.stream()
                .flatMapToInt(page -> Arrays.stream(page.errors))
                .distinct()
                .filter(errno -> Arrays.stream(this.soft).noneMatch(other -> other == errno))
                .toArray();
    }

    /** The errors of an operation, or {@code null} if there is no such operation here. */
    static OperationErrors of(int opcode) {
        return BY_OPCODE.get(opcode);
    }

    List<Page> pages() {
        return pages;
    }

    int[] opcodes() {
        return opcodes;
    }

    private static int[] numbers(String names) {
        return names.isEmpty()
                ? new int[0]
                : Stream.of(names.split(" ")).mapToInt(OperationErrors::number).toArray();
    }

    private static int number(String name) {
        return IntStream.range(1, Errno.ERESTARTSYS)
                .filter(errno -> Errno.name(errno).equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name));
    }
}
