// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;

/**
 * Linux's error numbers, their names, and the exceptions that say them. The numbers are those of
 * {@code asm-generic/errno.h}, which x86-64, AArch64 and RISC-V share.
 */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int EPIPE = 32;
    public static final int ENAMETOOLONG = 36;
    public static final int ENOSYS = 38;
    public static final int EBADR = 53;
    public static final int ETIME = 62;
    public static final int ENONET = 64;
    public static final int EPROTO = 71;
    public static final int EMSGSIZE = 90;
    public static final int EPROTOTYPE = 91;
    public static final int ENOPROTOOPT = 92;
    public static final int EOPNOTSUPP = 95;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ECONNABORTED = 103;
    public static final int ECONNRESET = 104;
    public static final int ENOBUFS = 105;
    public static final int EISCONN = 106;
    public static final int ENOTCONN = 107;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTDOWN = 112;
    public static final int EHOSTUNREACH = 113;
    public static final int EALREADY = 114;
    public static final int EINPROGRESS = 115;
    public static final int ECANCELED = 125;

    /** The kernel's own, for a call that was interrupted; of io_uring's workers it comes through. */
    public static final int ERESTARTSYS = 512;

    private static final String[] NAMES =
            ("- EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT "
                            + "ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG "
                            + "ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP "
                            + "- ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL "
                            + "ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV "
                            + "ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD "
                            + "ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE "
                            + "EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT "
                            + "EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN "
                            + "ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY "
                            + "EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE "
                            + "ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL - ")
                    .split(" ");

    private Errno() {}

    /** The C name of a positive error number, such as {@code ECONNRESET}. */
    public static String name(int errno) {
        return errno > 0 && errno < NAMES.length && !"-".equals(NAMES[errno]) ? NAMES[errno] : "errno " + errno;
    }

    /** Whether the call may be made again just so: it was cancelled or interrupted, or there was nothing to do yet. */
    public static boolean isTransient(int errno) {
        return errno == ECANCELED || errno == EAGAIN || errno == EINTR || errno == ERESTARTSYS;
    }

    /** Whether a socket's connection, or the network it needs, is what failed: EPIPE, or one of those from ENETDOWN on. */
    public static boolean isOfConnection(int errno) {
        return errno == EPIPE || (errno >= ENETDOWN && errno <= EHOSTUNREACH);
    }

    /** What a failed call says: its name, the C library's text, and the error's name. */
    public static String message(String call, int result) {
        return call + ": " + Native.strerror(-result) + " (" + name(-result) + ')';
    }

    /** What would do where something is used up, to be put behind the message; empty for other errors. */
    public static String advice(int errno) {
        switch (errno) {
            case EMFILE:
                return ": no file descriptor is left (raise RLIMIT_NOFILE with ulimit -n, or LimitNOFILE= in systemd)";
            case ENFILE:
                return ": no file descriptor is left on the whole machine (raise the sysctl fs.file-max)";
            case ENOMEM:
                return ": the machine's memory, or the control group's (memory.max), is used up";
            default:
                return "";
        }
    }

    /** Whether something is used up that may be there again later. */
    public static boolean isShortage(int errno) {
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS || errno == EAGAIN;
    }

    /** The exception for a call that is not about a socket and returned {@code -errno}. */
    public static KernelException newIOException(String call, int result) {
        return new KernelException(call, result, advice(-result));
    }

    /** The exception for a socket call that returned {@code -errno}: of the class that the JDK's own sockets throw. */
    public static SocketException newSocketException(String call, int result) {
        String message = message(call, result) + advice(-result);
        switch (-result) {
            case ECONNREFUSED:
            case ETIMEDOUT:
            case ENOTCONN:
                return new ConnectException(message);
            case EHOSTUNREACH:
                return new NoRouteToHostException(message);
            case EADDRINUSE:
            case EADDRNOTAVAIL:
            case EACCES:
                return new BindException(message);
            case EPIPE:
                return new BrokenPipeException(message);
            default:
                return new SocketException(message);
        }
    }
}
