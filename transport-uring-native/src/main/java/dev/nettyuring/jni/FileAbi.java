// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import io.netty.util.internal.PlatformDependent;
import java.lang.annotation.Native;

/**
 * The numbers of Linux's file ABI that the Java side uses, under their C names. But for those named so they are the same on
 * x86-64, AArch64 and RISC-V. {@code abi_check.c} fails the build if one is wrong.
 */
public final class FileAbi {
    private FileAbi() {}

    // openat(2).
    @Native
    public static final int AT_FDCWD = -100;

    @Native
    public static final int O_RDONLY = 0;

    @Native
    public static final int O_WRONLY = 1;

    @Native
    public static final int O_RDWR = 2;

    @Native
    public static final int O_CREAT = 0x40;

    @Native
    public static final int O_EXCL = 0x80;

    @Native
    public static final int O_TRUNC = 0x200;

    @Native
    public static final int O_APPEND = 0x400;

    @Native
    public static final int O_DSYNC = 0x1000;

    @Native
    public static final int O_SYNC = 0x101000;

    @Native
    public static final int O_DIRECT_AARCH64 = 0x10000;

    @Native
    public static final int O_DIRECT_ELSEWHERE = 0x4000;

    @Native
    public static final int O_NOFOLLOW_AARCH64 = 0x8000;

    @Native
    public static final int O_NOFOLLOW_ELSEWHERE = 0x20000;

    private static final boolean AARCH64 = "aarch_64".equals(PlatformDependent.normalizedArch());

    /** On this machine. */
    public static final int O_DIRECT = AARCH64 ? O_DIRECT_AARCH64 : O_DIRECT_ELSEWHERE;

    /** On this machine. */
    public static final int O_NOFOLLOW = AARCH64 ? O_NOFOLLOW_AARCH64 : O_NOFOLLOW_ELSEWHERE;

    // preadv2(2).
    @Native
    public static final int RWF_NOWAIT = 8;

    // cachestat(2).
    @Native
    public static final int CACHESTAT_RANGE_OFF = 0;

    @Native
    public static final int CACHESTAT_RANGE_LEN = 8;

    @Native
    public static final int CACHESTAT_RANGE_SIZE = 16;

    @Native
    public static final int CACHESTAT_NR_CACHE = 0;

    @Native
    public static final int CACHESTAT_SIZE = 40;

    // statx(2).
    @Native
    public static final int AT_EMPTY_PATH = 0x1000;

    @Native
    public static final int STATX_BASIC_STATS = 0x7ff;

    @Native
    public static final int STATX_DIOALIGN = 0x2000;

    @Native
    public static final int STATX_MASK = 0;

    @Native
    public static final int STATX_MODE = 28;

    @Native
    public static final int STATX_SIZE = 40;

    @Native
    public static final int STATX_MTIME_SECONDS = 112;

    @Native
    public static final int STATX_MTIME_NANOS = 120;

    @Native
    public static final int STATX_DIO_MEM_ALIGN = 152;

    @Native
    public static final int STATX_DIO_OFFSET_ALIGN = 156;

    @Native
    public static final int STATX_BYTES = 256;
}
