// SPDX-License-Identifier: Apache-2.0
package dev.nettyuring.jni;

import java.lang.annotation.Native;

/**
 * The numbers of the io_uring user ABI that the Java side uses, under the kernel's names. They are the same on every
 * 64-bit architecture. {@code abi_check.c} fails the build if one is wrong.
 *
 * <p>Source: {@code include/uapi/linux/io_uring.h} of the kernel that brought each; see also
 * <a href="https://man7.org/linux/man-pages/man7/io_uring.7.html">io_uring(7)</a>.
 */
public final class Abi {
    private Abi() {}

    // io_uring_setup(2): flags.
    @Native
    public static final int IORING_SETUP_CQSIZE = 8;

    @Native
    public static final int IORING_SETUP_CLAMP = 16;

    @Native
    public static final int IORING_SETUP_R_DISABLED = 64;

    @Native
    public static final int IORING_SETUP_SUBMIT_ALL = 128;

    @Native
    public static final int IORING_SETUP_TASKRUN_FLAG = 512;

    @Native
    public static final int IORING_SETUP_SINGLE_ISSUER = 0x1000;

    @Native
    public static final int IORING_SETUP_DEFER_TASKRUN = 0x2000;

    @Native
    public static final int IORING_SETUP_NO_SQARRAY = 0x10000;

    // io_uring_setup(2): features.
    @Native
    public static final int IORING_FEAT_SINGLE_MMAP = 1;

    @Native
    public static final int IORING_FEAT_NODROP = 2;

    @Native
    public static final int IORING_FEAT_SUBMIT_STABLE = 4;

    @Native
    public static final int IORING_FEAT_EXT_ARG = 256;

    @Native
    public static final int IORING_FEAT_CQE_SKIP = 2048;

    @Native
    public static final int IORING_FEAT_NO_IOWAIT = 131072;

    // io_uring_setup(2): offsets for mmap(2).
    @Native
    public static final int IORING_OFF_SQ_RING = 0;

    @Native
    public static final int IORING_OFF_SQES = 0x10000000;

    // io_uring_enter(2).
    @Native
    public static final int IORING_ENTER_GETEVENTS = 1;

    @Native
    public static final int IORING_ENTER_EXT_ARG = 8;

    @Native
    public static final int IORING_ENTER_REGISTERED_RING = 16;

    @Native
    public static final int IORING_ENTER_NO_IOWAIT = 128;

    // io_uring_register(2).

    @Native
    public static final int IORING_REGISTER_FILES = 2;

    @Native
    public static final int IORING_REGISTER_ENABLE_RINGS = 12;

    @Native
    public static final int IORING_REGISTER_IOWQ_MAX_WORKERS = 19;

    @Native
    public static final int IORING_REGISTER_RING_FDS = 20;

    @Native
    public static final int IORING_UNREGISTER_RING_FDS = 21;

    @Native
    public static final int IORING_REGISTER_PBUF_RING = 22;

    @Native
    public static final int IORING_UNREGISTER_PBUF_RING = 23;

    @Native
    public static final int IOU_PBUF_RING_INC = 2;

    // Flags the kernel sets in the rings.
    @Native
    public static final int IORING_SQ_CQ_OVERFLOW = 2;

    @Native
    public static final int IORING_SQ_TASKRUN = 4;

    @Native
    public static final int IORING_CQE_F_BUFFER = 1;

    @Native
    public static final int IORING_CQE_F_MORE = 2;

    @Native
    public static final int IORING_CQE_F_BUF_MORE = 16;

    @Native
    public static final int IORING_CQE_BUFFER_SHIFT = 16;

    // Submission flags.

    @Native
    public static final int IOSQE_BUFFER_SELECT = 32;

    @Native
    public static final int IOSQE_CQE_SKIP_SUCCESS = 64;

    @Native
    public static final int IORING_POLL_ADD_MULTI = 1;

    @Native
    public static final int IORING_FSYNC_DATASYNC = 1;

    @Native
    public static final int IORING_RECVSEND_POLL_FIRST = 1;

    @Native
    public static final int IORING_RECV_MULTISHOT = 2;

    @Native
    public static final int IORING_ACCEPT_MULTISHOT = 1;

    @Native
    public static final int IORING_RECVSEND_FIXED_BUF = 4;

    @Native
    public static final int IORING_SEND_ZC_REPORT_USAGE = 8;

    @Native
    public static final int IORING_NOTIF_USAGE_ZC_COPIED = 1 << 31;

    @Native
    public static final int IORING_CQE_F_NOTIF = 8;

    // Registered buffers.
    @Native
    public static final int IORING_REGISTER_BUFFERS2 = 15;

    @Native
    public static final int IORING_REGISTER_BUFFERS_UPDATE = 16;

    @Native
    public static final int IORING_REGISTER_CLONE_BUFFERS = 30;

    @Native
    public static final int IORING_REGISTER_DST_REPLACE = 2;

    @Native
    public static final int IORING_RSRC_REGISTER_SPARSE = 1;

    // Opcodes.
    @Native
    public static final int IORING_OP_NOP = 0;

    @Native
    public static final int IORING_OP_FSYNC = 3;

    @Native
    public static final int IORING_OP_READ_FIXED = 4;

    @Native
    public static final int IORING_OP_WRITE_FIXED = 5;

    @Native
    public static final int IORING_OP_POLL_ADD = 6;

    @Native
    public static final int IORING_OP_SENDMSG = 9;

    @Native
    public static final int IORING_OP_RECVMSG = 10;

    @Native
    public static final int IORING_OP_TIMEOUT = 11;

    @Native
    public static final int IORING_OP_ACCEPT = 13;

    @Native
    public static final int IORING_OP_ASYNC_CANCEL = 14;

    @Native
    public static final int IORING_OP_CONNECT = 16;

    @Native
    public static final int IORING_OP_OPENAT = 18;

    @Native
    public static final int IORING_OP_CLOSE = 19;

    @Native
    public static final int IORING_OP_STATX = 21;

    @Native
    public static final int IORING_OP_READ = 22;

    @Native
    public static final int IORING_OP_WRITE = 23;

    @Native
    public static final int IORING_OP_SEND = 26;

    @Native
    public static final int IORING_OP_RECV = 27;

    @Native
    public static final int IORING_OP_SPLICE = 30;

    @Native
    public static final int IORING_OP_SEND_ZC = 47;

    @Native
    public static final int IORING_OP_SENDMSG_ZC = 48;

    @Native
    public static final int IORING_OP_FTRUNCATE = 55;

    // Layouts: offsets and sizes in bytes.
    @Native
    public static final int SQE_OPCODE = 0;

    @Native
    public static final int SQE_FLAGS = 1;

    @Native
    public static final int SQE_IOPRIO = 2;

    @Native
    public static final int SQE_FD = 4;

    @Native
    public static final int SQE_OFF = 8;

    @Native
    public static final int SQE_ADDR = 16;

    @Native
    public static final int SQE_LEN = 24;

    @Native
    public static final int SQE_RW_FLAGS = 28;

    @Native
    public static final int SQE_USER_DATA = 32;

    @Native
    public static final int SQE_BUF_INDEX = 40;

    @Native
    public static final int SQE_SPLICE_FD_IN = 44;

    @Native
    public static final int SQE_SIZE = 64;

    @Native
    public static final int CQE_USER_DATA = 0;

    @Native
    public static final int CQE_RES = 8;

    @Native
    public static final int CQE_FLAGS = 12;

    @Native
    public static final int CQE_SIZE = 16;

    @Native
    public static final int PARAMS_SQ_ENTRIES = 0;

    @Native
    public static final int PARAMS_CQ_ENTRIES = 4;

    @Native
    public static final int PARAMS_FLAGS = 8;

    @Native
    public static final int PARAMS_FEATURES = 20;

    @Native
    public static final int PARAMS_SQ_OFF = 40;

    @Native
    public static final int PARAMS_CQ_OFF = 80;

    @Native
    public static final int PARAMS_SIZE = 120;

    @Native
    public static final int SQRING_OFFSETS_HEAD = 0;

    @Native
    public static final int SQRING_OFFSETS_TAIL = 4;

    @Native
    public static final int SQRING_OFFSETS_RING_MASK = 8;

    @Native
    public static final int SQRING_OFFSETS_FLAGS = 16;

    @Native
    public static final int SQRING_OFFSETS_ARRAY = 24;

    @Native
    public static final int CQRING_OFFSETS_HEAD = 0;

    @Native
    public static final int CQRING_OFFSETS_TAIL = 4;

    @Native
    public static final int CQRING_OFFSETS_RING_MASK = 8;

    @Native
    public static final int CQRING_OFFSETS_CQES = 20;

    @Native
    public static final int BUF_ADDR = 0;

    @Native
    public static final int BUF_LEN = 8;

    @Native
    public static final int BUF_BID = 12;

    @Native
    public static final int BUF_RESV = 14;

    @Native
    public static final int BUF_SIZE = 16;

    @Native
    public static final int BUF_REG_RING_ADDR = 0;

    @Native
    public static final int BUF_REG_RING_ENTRIES = 8;

    @Native
    public static final int BUF_REG_BGID = 12;

    @Native
    public static final int BUF_REG_FLAGS = 14;

    @Native
    public static final int BUF_REG_SIZE = 40;

    @Native
    public static final int RECVMSG_OUT_NAMELEN = 0;

    @Native
    public static final int RECVMSG_OUT_CONTROLLEN = 4;

    @Native
    public static final int RECVMSG_OUT_PAYLOADLEN = 8;

    @Native
    public static final int RECVMSG_OUT_FLAGS = 12;

    @Native
    public static final int RECVMSG_OUT_SIZE = 16;

    @Native
    public static final int RSRC_REGISTER_NR = 0;

    @Native
    public static final int RSRC_REGISTER_FLAGS = 4;

    @Native
    public static final int RSRC_REGISTER_SIZE = 32;

    @Native
    public static final int RSRC_UPDATE2_OFFSET = 0;

    @Native
    public static final int RSRC_UPDATE2_DATA = 8;

    @Native
    public static final int RSRC_UPDATE2_NR = 24;

    @Native
    public static final int RSRC_UPDATE2_SIZE = 32;

    @Native
    public static final int CLONE_BUFFERS_SRC_FD = 0;

    @Native
    public static final int CLONE_BUFFERS_FLAGS = 4;

    @Native
    public static final int CLONE_BUFFERS_SRC_OFF = 8;

    @Native
    public static final int CLONE_BUFFERS_DST_OFF = 12;

    @Native
    public static final int CLONE_BUFFERS_NR = 16;

    @Native
    public static final int CLONE_BUFFERS_SIZE = 32;

    @Native
    public static final int GETEVENTS_ARG_TS = 16;

    @Native
    public static final int GETEVENTS_ARG_SIZE = 24;
}
