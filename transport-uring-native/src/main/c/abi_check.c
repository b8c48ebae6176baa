// SPDX-License-Identifier: Apache-2.0
// Fails the build when a number that the Java side uses is not the kernel's.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/mman.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <linux/version.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "dev_nettyuring_jni_Abi.h"
#include "dev_nettyuring_jni_FileAbi.h"
#include "dev_nettyuring_jni_SocketAbi.h"

#define SAME(java, kernel) _Static_assert((java) == (long long) (kernel), #java " is not the kernel's " #kernel)

// For what came after a distribution's header: always held against the number, and against the header once it has it.
#define NUMBER(java, number) _Static_assert((java) == (number), #java " is not " #number)

// A header older than the oldest kernel that this project runs on knows too little to be asked.
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)
SAME(dev_nettyuring_jni_Abi_IORING_SETUP_CQSIZE, IORING_SETUP_CQSIZE);
SAME(dev_nettyuring_jni_Abi_IORING_SETUP_CLAMP, IORING_SETUP_CLAMP);
SAME(dev_nettyuring_jni_Abi_IORING_SETUP_R_DISABLED, IORING_SETUP_R_DISABLED);
SAME(dev_nettyuring_jni_Abi_IORING_SETUP_SUBMIT_ALL, IORING_SETUP_SUBMIT_ALL);
SAME(dev_nettyuring_jni_Abi_IORING_SETUP_TASKRUN_FLAG, IORING_SETUP_TASKRUN_FLAG);
SAME(dev_nettyuring_jni_Abi_IORING_SETUP_SINGLE_ISSUER, IORING_SETUP_SINGLE_ISSUER);
SAME(dev_nettyuring_jni_Abi_IORING_SETUP_DEFER_TASKRUN, IORING_SETUP_DEFER_TASKRUN);
NUMBER(dev_nettyuring_jni_Abi_IORING_SETUP_NO_SQARRAY, 65536);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
SAME(dev_nettyuring_jni_Abi_IORING_SETUP_NO_SQARRAY, IORING_SETUP_NO_SQARRAY);
#endif
SAME(dev_nettyuring_jni_Abi_IORING_FEAT_SINGLE_MMAP, IORING_FEAT_SINGLE_MMAP);
SAME(dev_nettyuring_jni_Abi_IORING_FEAT_NODROP, IORING_FEAT_NODROP);
SAME(dev_nettyuring_jni_Abi_IORING_FEAT_SUBMIT_STABLE, IORING_FEAT_SUBMIT_STABLE);
SAME(dev_nettyuring_jni_Abi_IORING_FEAT_EXT_ARG, IORING_FEAT_EXT_ARG);
SAME(dev_nettyuring_jni_Abi_IORING_FEAT_CQE_SKIP, IORING_FEAT_CQE_SKIP);
NUMBER(dev_nettyuring_jni_Abi_IORING_FEAT_NO_IOWAIT, 131072);
NUMBER(dev_nettyuring_jni_Abi_IORING_ENTER_NO_IOWAIT, 128);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
SAME(dev_nettyuring_jni_Abi_IORING_FEAT_NO_IOWAIT, IORING_FEAT_NO_IOWAIT);
SAME(dev_nettyuring_jni_Abi_IORING_ENTER_NO_IOWAIT, IORING_ENTER_NO_IOWAIT);
#endif
SAME(dev_nettyuring_jni_Abi_IORING_OFF_SQ_RING, IORING_OFF_SQ_RING);
SAME(dev_nettyuring_jni_Abi_IORING_OFF_SQES, IORING_OFF_SQES);
SAME(dev_nettyuring_jni_Abi_IORING_ENTER_GETEVENTS, IORING_ENTER_GETEVENTS);
SAME(dev_nettyuring_jni_Abi_IORING_ENTER_EXT_ARG, IORING_ENTER_EXT_ARG);
SAME(dev_nettyuring_jni_Abi_IORING_ENTER_REGISTERED_RING, IORING_ENTER_REGISTERED_RING);
SAME(dev_nettyuring_jni_Abi_IORING_REGISTER_FILES, IORING_REGISTER_FILES);
SAME(dev_nettyuring_jni_Abi_IORING_REGISTER_ENABLE_RINGS, IORING_REGISTER_ENABLE_RINGS);
SAME(dev_nettyuring_jni_Abi_IORING_REGISTER_RING_FDS, IORING_REGISTER_RING_FDS);
SAME(dev_nettyuring_jni_Abi_IORING_UNREGISTER_RING_FDS, IORING_UNREGISTER_RING_FDS);
SAME(dev_nettyuring_jni_Abi_IORING_REGISTER_PBUF_RING, IORING_REGISTER_PBUF_RING);
SAME(dev_nettyuring_jni_Abi_IORING_UNREGISTER_PBUF_RING, IORING_UNREGISTER_PBUF_RING);
NUMBER(dev_nettyuring_jni_Abi_IOU_PBUF_RING_INC, 2);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
SAME(dev_nettyuring_jni_Abi_IOU_PBUF_RING_INC, IOU_PBUF_RING_INC);
#endif
SAME(dev_nettyuring_jni_Abi_IORING_SQ_CQ_OVERFLOW, IORING_SQ_CQ_OVERFLOW);
SAME(dev_nettyuring_jni_Abi_IORING_SQ_TASKRUN, IORING_SQ_TASKRUN);
SAME(dev_nettyuring_jni_Abi_IORING_CQE_F_BUFFER, IORING_CQE_F_BUFFER);
SAME(dev_nettyuring_jni_Abi_IORING_CQE_F_MORE, IORING_CQE_F_MORE);
NUMBER(dev_nettyuring_jni_Abi_IORING_CQE_F_BUF_MORE, 16);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
SAME(dev_nettyuring_jni_Abi_IORING_CQE_F_BUF_MORE, IORING_CQE_F_BUF_MORE);
#endif
SAME(dev_nettyuring_jni_Abi_IORING_CQE_BUFFER_SHIFT, IORING_CQE_BUFFER_SHIFT);
SAME(dev_nettyuring_jni_Abi_IOSQE_BUFFER_SELECT, IOSQE_BUFFER_SELECT);
SAME(dev_nettyuring_jni_Abi_IOSQE_CQE_SKIP_SUCCESS, IOSQE_CQE_SKIP_SUCCESS);
SAME(dev_nettyuring_jni_Abi_IORING_POLL_ADD_MULTI, IORING_POLL_ADD_MULTI);
SAME(dev_nettyuring_jni_Abi_IORING_RECVSEND_POLL_FIRST, IORING_RECVSEND_POLL_FIRST);
SAME(dev_nettyuring_jni_Abi_IORING_RECV_MULTISHOT, IORING_RECV_MULTISHOT);
SAME(dev_nettyuring_jni_Abi_IORING_ACCEPT_MULTISHOT, IORING_ACCEPT_MULTISHOT);
SAME(dev_nettyuring_jni_Abi_IORING_OP_NOP, IORING_OP_NOP);
SAME(dev_nettyuring_jni_Abi_IORING_OP_FSYNC, IORING_OP_FSYNC);
SAME(dev_nettyuring_jni_Abi_IORING_OP_READ_FIXED, IORING_OP_READ_FIXED);
SAME(dev_nettyuring_jni_Abi_IORING_OP_WRITE_FIXED, IORING_OP_WRITE_FIXED);
SAME(dev_nettyuring_jni_Abi_IORING_OP_OPENAT, IORING_OP_OPENAT);
SAME(dev_nettyuring_jni_Abi_IORING_OP_STATX, IORING_OP_STATX);
SAME(dev_nettyuring_jni_Abi_IORING_OP_READ, IORING_OP_READ);
SAME(dev_nettyuring_jni_Abi_IORING_OP_WRITE, IORING_OP_WRITE);
SAME(dev_nettyuring_jni_Abi_IORING_FSYNC_DATASYNC, IORING_FSYNC_DATASYNC);
SAME(dev_nettyuring_jni_Abi_IORING_REGISTER_IOWQ_MAX_WORKERS, IORING_REGISTER_IOWQ_MAX_WORKERS);
NUMBER(dev_nettyuring_jni_Abi_IORING_OP_FTRUNCATE, 55);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
SAME(dev_nettyuring_jni_Abi_IORING_OP_FTRUNCATE, IORING_OP_FTRUNCATE);
#endif
SAME(dev_nettyuring_jni_Abi_IORING_OP_POLL_ADD, IORING_OP_POLL_ADD);
SAME(dev_nettyuring_jni_Abi_IORING_OP_SENDMSG, IORING_OP_SENDMSG);
SAME(dev_nettyuring_jni_Abi_IORING_OP_RECVMSG, IORING_OP_RECVMSG);
SAME(dev_nettyuring_jni_Abi_IORING_OP_TIMEOUT, IORING_OP_TIMEOUT);
SAME(dev_nettyuring_jni_Abi_IORING_OP_ACCEPT, IORING_OP_ACCEPT);
SAME(dev_nettyuring_jni_Abi_IORING_OP_ASYNC_CANCEL, IORING_OP_ASYNC_CANCEL);
SAME(dev_nettyuring_jni_Abi_IORING_OP_CONNECT, IORING_OP_CONNECT);
SAME(dev_nettyuring_jni_Abi_IORING_OP_CLOSE, IORING_OP_CLOSE);
SAME(dev_nettyuring_jni_Abi_IORING_OP_SEND, IORING_OP_SEND);
SAME(dev_nettyuring_jni_Abi_IORING_OP_RECV, IORING_OP_RECV);

SAME(dev_nettyuring_jni_Abi_SQE_OPCODE, offsetof(struct io_uring_sqe, opcode));
SAME(dev_nettyuring_jni_Abi_SQE_FLAGS, offsetof(struct io_uring_sqe, flags));
SAME(dev_nettyuring_jni_Abi_SQE_IOPRIO, offsetof(struct io_uring_sqe, ioprio));
SAME(dev_nettyuring_jni_Abi_SQE_FD, offsetof(struct io_uring_sqe, fd));
SAME(dev_nettyuring_jni_Abi_SQE_OFF, offsetof(struct io_uring_sqe, off));
SAME(dev_nettyuring_jni_Abi_SQE_ADDR, offsetof(struct io_uring_sqe, addr));
SAME(dev_nettyuring_jni_Abi_SQE_LEN, offsetof(struct io_uring_sqe, len));
SAME(dev_nettyuring_jni_Abi_SQE_RW_FLAGS, offsetof(struct io_uring_sqe, rw_flags));
SAME(dev_nettyuring_jni_Abi_SQE_USER_DATA, offsetof(struct io_uring_sqe, user_data));
SAME(dev_nettyuring_jni_Abi_SQE_BUF_INDEX, offsetof(struct io_uring_sqe, buf_index));
SAME(dev_nettyuring_jni_Abi_SQE_SPLICE_FD_IN, offsetof(struct io_uring_sqe, splice_fd_in));
SAME(dev_nettyuring_jni_Abi_SQE_SIZE, sizeof(struct io_uring_sqe));
SAME(dev_nettyuring_jni_Abi_CQE_USER_DATA, offsetof(struct io_uring_cqe, user_data));
SAME(dev_nettyuring_jni_Abi_CQE_RES, offsetof(struct io_uring_cqe, res));
SAME(dev_nettyuring_jni_Abi_CQE_FLAGS, offsetof(struct io_uring_cqe, flags));
SAME(dev_nettyuring_jni_Abi_CQE_SIZE, sizeof(struct io_uring_cqe));
SAME(dev_nettyuring_jni_Abi_PARAMS_SQ_ENTRIES, offsetof(struct io_uring_params, sq_entries));
SAME(dev_nettyuring_jni_Abi_PARAMS_CQ_ENTRIES, offsetof(struct io_uring_params, cq_entries));
SAME(dev_nettyuring_jni_Abi_PARAMS_FLAGS, offsetof(struct io_uring_params, flags));
SAME(dev_nettyuring_jni_Abi_PARAMS_FEATURES, offsetof(struct io_uring_params, features));
SAME(dev_nettyuring_jni_Abi_PARAMS_SQ_OFF, offsetof(struct io_uring_params, sq_off));
SAME(dev_nettyuring_jni_Abi_PARAMS_CQ_OFF, offsetof(struct io_uring_params, cq_off));
SAME(dev_nettyuring_jni_Abi_PARAMS_SIZE, sizeof(struct io_uring_params));
SAME(dev_nettyuring_jni_Abi_SQRING_OFFSETS_HEAD, offsetof(struct io_sqring_offsets, head));
SAME(dev_nettyuring_jni_Abi_SQRING_OFFSETS_TAIL, offsetof(struct io_sqring_offsets, tail));
SAME(dev_nettyuring_jni_Abi_SQRING_OFFSETS_RING_MASK, offsetof(struct io_sqring_offsets, ring_mask));
SAME(dev_nettyuring_jni_Abi_SQRING_OFFSETS_FLAGS, offsetof(struct io_sqring_offsets, flags));
SAME(dev_nettyuring_jni_Abi_SQRING_OFFSETS_ARRAY, offsetof(struct io_sqring_offsets, array));
SAME(dev_nettyuring_jni_Abi_CQRING_OFFSETS_HEAD, offsetof(struct io_cqring_offsets, head));
SAME(dev_nettyuring_jni_Abi_CQRING_OFFSETS_TAIL, offsetof(struct io_cqring_offsets, tail));
SAME(dev_nettyuring_jni_Abi_CQRING_OFFSETS_RING_MASK, offsetof(struct io_cqring_offsets, ring_mask));
SAME(dev_nettyuring_jni_Abi_CQRING_OFFSETS_CQES, offsetof(struct io_cqring_offsets, cqes));
SAME(dev_nettyuring_jni_Abi_BUF_ADDR, offsetof(struct io_uring_buf, addr));
SAME(dev_nettyuring_jni_Abi_BUF_LEN, offsetof(struct io_uring_buf, len));
SAME(dev_nettyuring_jni_Abi_BUF_BID, offsetof(struct io_uring_buf, bid));
SAME(dev_nettyuring_jni_Abi_BUF_RESV, offsetof(struct io_uring_buf, resv));
SAME(dev_nettyuring_jni_Abi_BUF_SIZE, sizeof(struct io_uring_buf));
SAME(dev_nettyuring_jni_Abi_BUF_REG_RING_ADDR, offsetof(struct io_uring_buf_reg, ring_addr));
SAME(dev_nettyuring_jni_Abi_BUF_REG_RING_ENTRIES, offsetof(struct io_uring_buf_reg, ring_entries));
SAME(dev_nettyuring_jni_Abi_BUF_REG_BGID, offsetof(struct io_uring_buf_reg, bgid));
NUMBER(dev_nettyuring_jni_Abi_BUF_REG_FLAGS, 14);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
SAME(dev_nettyuring_jni_Abi_BUF_REG_FLAGS, offsetof(struct io_uring_buf_reg, flags));
#endif
SAME(dev_nettyuring_jni_Abi_BUF_REG_SIZE, sizeof(struct io_uring_buf_reg));
SAME(dev_nettyuring_jni_Abi_IORING_OP_SPLICE, IORING_OP_SPLICE);
SAME(dev_nettyuring_jni_Abi_RECVMSG_OUT_NAMELEN, offsetof(struct io_uring_recvmsg_out, namelen));
SAME(dev_nettyuring_jni_Abi_RECVMSG_OUT_CONTROLLEN, offsetof(struct io_uring_recvmsg_out, controllen));
SAME(dev_nettyuring_jni_Abi_RECVMSG_OUT_PAYLOADLEN, offsetof(struct io_uring_recvmsg_out, payloadlen));
SAME(dev_nettyuring_jni_Abi_RECVMSG_OUT_FLAGS, offsetof(struct io_uring_recvmsg_out, flags));
SAME(dev_nettyuring_jni_Abi_RECVMSG_OUT_SIZE, sizeof(struct io_uring_recvmsg_out));
SAME(dev_nettyuring_jni_Abi_IORING_OP_SEND_ZC, IORING_OP_SEND_ZC);
SAME(dev_nettyuring_jni_Abi_IORING_OP_SENDMSG_ZC, IORING_OP_SENDMSG_ZC);
SAME(dev_nettyuring_jni_Abi_IORING_RECVSEND_FIXED_BUF, IORING_RECVSEND_FIXED_BUF);
NUMBER(dev_nettyuring_jni_Abi_IORING_SEND_ZC_REPORT_USAGE, 8);
NUMBER(dev_nettyuring_jni_Abi_IORING_NOTIF_USAGE_ZC_COPIED, -2147483647 - 1);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
SAME(dev_nettyuring_jni_Abi_IORING_SEND_ZC_REPORT_USAGE, IORING_SEND_ZC_REPORT_USAGE);
SAME(dev_nettyuring_jni_Abi_IORING_NOTIF_USAGE_ZC_COPIED, (int) IORING_NOTIF_USAGE_ZC_COPIED);
#endif
SAME(dev_nettyuring_jni_Abi_IORING_CQE_F_NOTIF, IORING_CQE_F_NOTIF);
SAME(dev_nettyuring_jni_Abi_IORING_REGISTER_BUFFERS2, IORING_REGISTER_BUFFERS2);
SAME(dev_nettyuring_jni_Abi_IORING_REGISTER_BUFFERS_UPDATE, IORING_REGISTER_BUFFERS_UPDATE);
SAME(dev_nettyuring_jni_Abi_IORING_RSRC_REGISTER_SPARSE, IORING_RSRC_REGISTER_SPARSE);
SAME(dev_nettyuring_jni_Abi_RSRC_REGISTER_NR, offsetof(struct io_uring_rsrc_register, nr));
SAME(dev_nettyuring_jni_Abi_RSRC_REGISTER_FLAGS, offsetof(struct io_uring_rsrc_register, flags));
SAME(dev_nettyuring_jni_Abi_RSRC_REGISTER_SIZE, sizeof(struct io_uring_rsrc_register));
SAME(dev_nettyuring_jni_Abi_RSRC_UPDATE2_OFFSET, offsetof(struct io_uring_rsrc_update2, offset));
SAME(dev_nettyuring_jni_Abi_RSRC_UPDATE2_DATA, offsetof(struct io_uring_rsrc_update2, data));
SAME(dev_nettyuring_jni_Abi_RSRC_UPDATE2_NR, offsetof(struct io_uring_rsrc_update2, nr));
SAME(dev_nettyuring_jni_Abi_RSRC_UPDATE2_SIZE, sizeof(struct io_uring_rsrc_update2));
NUMBER(dev_nettyuring_jni_Abi_IORING_REGISTER_CLONE_BUFFERS, 30);
NUMBER(dev_nettyuring_jni_Abi_IORING_REGISTER_DST_REPLACE, 2);
NUMBER(dev_nettyuring_jni_Abi_CLONE_BUFFERS_SRC_FD, 0);
NUMBER(dev_nettyuring_jni_Abi_CLONE_BUFFERS_FLAGS, 4);
NUMBER(dev_nettyuring_jni_Abi_CLONE_BUFFERS_SRC_OFF, 8);
NUMBER(dev_nettyuring_jni_Abi_CLONE_BUFFERS_DST_OFF, 12);
NUMBER(dev_nettyuring_jni_Abi_CLONE_BUFFERS_NR, 16);
NUMBER(dev_nettyuring_jni_Abi_CLONE_BUFFERS_SIZE, 32);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
SAME(dev_nettyuring_jni_Abi_IORING_REGISTER_CLONE_BUFFERS, IORING_REGISTER_CLONE_BUFFERS);
SAME(dev_nettyuring_jni_Abi_IORING_REGISTER_DST_REPLACE, IORING_REGISTER_DST_REPLACE);
SAME(dev_nettyuring_jni_Abi_CLONE_BUFFERS_SRC_FD, offsetof(struct io_uring_clone_buffers, src_fd));
SAME(dev_nettyuring_jni_Abi_CLONE_BUFFERS_FLAGS, offsetof(struct io_uring_clone_buffers, flags));
SAME(dev_nettyuring_jni_Abi_CLONE_BUFFERS_SRC_OFF, offsetof(struct io_uring_clone_buffers, src_off));
SAME(dev_nettyuring_jni_Abi_CLONE_BUFFERS_DST_OFF, offsetof(struct io_uring_clone_buffers, dst_off));
SAME(dev_nettyuring_jni_Abi_CLONE_BUFFERS_NR, offsetof(struct io_uring_clone_buffers, nr));
SAME(dev_nettyuring_jni_Abi_CLONE_BUFFERS_SIZE, sizeof(struct io_uring_clone_buffers));
#endif
SAME(dev_nettyuring_jni_Abi_GETEVENTS_ARG_TS, offsetof(struct io_uring_getevents_arg, ts));
SAME(dev_nettyuring_jni_Abi_GETEVENTS_ARG_SIZE, sizeof(struct io_uring_getevents_arg));
#endif

SAME(dev_nettyuring_jni_FileAbi_AT_FDCWD, AT_FDCWD);
SAME(dev_nettyuring_jni_FileAbi_O_RDONLY, O_RDONLY);
SAME(dev_nettyuring_jni_FileAbi_O_WRONLY, O_WRONLY);
SAME(dev_nettyuring_jni_FileAbi_O_RDWR, O_RDWR);
SAME(dev_nettyuring_jni_FileAbi_O_CREAT, O_CREAT);
SAME(dev_nettyuring_jni_FileAbi_O_EXCL, O_EXCL);
SAME(dev_nettyuring_jni_FileAbi_O_TRUNC, O_TRUNC);
SAME(dev_nettyuring_jni_FileAbi_O_APPEND, O_APPEND);
SAME(dev_nettyuring_jni_FileAbi_O_DSYNC, O_DSYNC);
SAME(dev_nettyuring_jni_FileAbi_O_SYNC, O_SYNC);
SAME(dev_nettyuring_jni_FileAbi_AT_EMPTY_PATH, AT_EMPTY_PATH);
SAME(dev_nettyuring_jni_FileAbi_STATX_BASIC_STATS, STATX_BASIC_STATS);
#ifdef __aarch64__
SAME(dev_nettyuring_jni_FileAbi_O_DIRECT_AARCH64, O_DIRECT);
SAME(dev_nettyuring_jni_FileAbi_O_NOFOLLOW_AARCH64, O_NOFOLLOW);
#else
SAME(dev_nettyuring_jni_FileAbi_O_DIRECT_ELSEWHERE, O_DIRECT);
SAME(dev_nettyuring_jni_FileAbi_O_NOFOLLOW_ELSEWHERE, O_NOFOLLOW);
#endif
SAME(dev_nettyuring_jni_FileAbi_STATX_MASK, offsetof(struct statx, stx_mask));
SAME(dev_nettyuring_jni_FileAbi_STATX_MODE, offsetof(struct statx, stx_mode));
SAME(dev_nettyuring_jni_FileAbi_STATX_SIZE, offsetof(struct statx, stx_size));
SAME(dev_nettyuring_jni_FileAbi_STATX_MTIME_SECONDS, offsetof(struct statx, stx_mtime.tv_sec));
SAME(dev_nettyuring_jni_FileAbi_STATX_MTIME_NANOS, offsetof(struct statx, stx_mtime.tv_nsec));
SAME(dev_nettyuring_jni_FileAbi_STATX_BYTES, sizeof(struct statx));
SAME(dev_nettyuring_jni_FileAbi_RWF_NOWAIT, RWF_NOWAIT);
NUMBER(dev_nettyuring_jni_FileAbi_CACHESTAT_RANGE_OFF, 0);
NUMBER(dev_nettyuring_jni_FileAbi_CACHESTAT_RANGE_LEN, 8);
NUMBER(dev_nettyuring_jni_FileAbi_CACHESTAT_RANGE_SIZE, 16);
NUMBER(dev_nettyuring_jni_FileAbi_CACHESTAT_NR_CACHE, 0);
NUMBER(dev_nettyuring_jni_FileAbi_CACHESTAT_SIZE, 40);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
SAME(dev_nettyuring_jni_FileAbi_CACHESTAT_RANGE_OFF, offsetof(struct cachestat_range, off));
SAME(dev_nettyuring_jni_FileAbi_CACHESTAT_RANGE_LEN, offsetof(struct cachestat_range, len));
SAME(dev_nettyuring_jni_FileAbi_CACHESTAT_RANGE_SIZE, sizeof(struct cachestat_range));
SAME(dev_nettyuring_jni_FileAbi_CACHESTAT_NR_CACHE, offsetof(struct cachestat, nr_cache));
SAME(dev_nettyuring_jni_FileAbi_CACHESTAT_SIZE, sizeof(struct cachestat));
#endif
NUMBER(dev_nettyuring_jni_FileAbi_STATX_DIOALIGN, 0x2000);
NUMBER(dev_nettyuring_jni_FileAbi_STATX_DIO_MEM_ALIGN, 152);
NUMBER(dev_nettyuring_jni_FileAbi_STATX_DIO_OFFSET_ALIGN, 156);
#ifdef STATX_DIOALIGN
SAME(dev_nettyuring_jni_FileAbi_STATX_DIOALIGN, STATX_DIOALIGN);
SAME(dev_nettyuring_jni_FileAbi_STATX_DIO_MEM_ALIGN, offsetof(struct statx, stx_dio_mem_align));
SAME(dev_nettyuring_jni_FileAbi_STATX_DIO_OFFSET_ALIGN, offsetof(struct statx, stx_dio_offset_align));
#endif

SAME(dev_nettyuring_jni_SocketAbi_PROT_READ, PROT_READ);
SAME(dev_nettyuring_jni_SocketAbi_PROT_WRITE, PROT_WRITE);
SAME(dev_nettyuring_jni_SocketAbi_MAP_SHARED, MAP_SHARED);
SAME(dev_nettyuring_jni_SocketAbi_MAP_PRIVATE, MAP_PRIVATE);
SAME(dev_nettyuring_jni_SocketAbi_MAP_ANONYMOUS, MAP_ANONYMOUS);
SAME(dev_nettyuring_jni_SocketAbi_MAP_POPULATE, MAP_POPULATE);
SAME(dev_nettyuring_jni_SocketAbi_MADV_HUGEPAGE, MADV_HUGEPAGE);
NUMBER(dev_nettyuring_jni_SocketAbi_MADV_POPULATE_WRITE, 23);
#ifdef MADV_POPULATE_WRITE
SAME(dev_nettyuring_jni_SocketAbi_MADV_POPULATE_WRITE, MADV_POPULATE_WRITE);
#endif
SAME(dev_nettyuring_jni_SocketAbi_AF_UNIX, AF_UNIX);
SAME(dev_nettyuring_jni_SocketAbi_AF_INET, AF_INET);
SAME(dev_nettyuring_jni_SocketAbi_AF_INET6, AF_INET6);
SAME(dev_nettyuring_jni_SocketAbi_SOCK_STREAM, SOCK_STREAM);
SAME(dev_nettyuring_jni_SocketAbi_SOCK_DGRAM, SOCK_DGRAM);
SAME(dev_nettyuring_jni_SocketAbi_SOCK_CLOEXEC, SOCK_CLOEXEC);
SAME(dev_nettyuring_jni_SocketAbi_SOL_SOCKET, SOL_SOCKET);
SAME(dev_nettyuring_jni_SocketAbi_IPPROTO_IP, IPPROTO_IP);
SAME(dev_nettyuring_jni_SocketAbi_IPPROTO_TCP, IPPROTO_TCP);
SAME(dev_nettyuring_jni_SocketAbi_IPPROTO_IPV6, IPPROTO_IPV6);
SAME(dev_nettyuring_jni_SocketAbi_SHUT_RD, SHUT_RD);
SAME(dev_nettyuring_jni_SocketAbi_SHUT_WR, SHUT_WR);
SAME(dev_nettyuring_jni_SocketAbi_MSG_DONTWAIT, MSG_DONTWAIT);
SAME(dev_nettyuring_jni_SocketAbi_MSG_NOSIGNAL, MSG_NOSIGNAL);
SAME(dev_nettyuring_jni_SocketAbi_MSG_MORE, MSG_MORE);
SAME(dev_nettyuring_jni_SocketAbi_MSG_CMSG_CLOEXEC, MSG_CMSG_CLOEXEC);
SAME(dev_nettyuring_jni_SocketAbi_SCM_RIGHTS, SCM_RIGHTS);
SAME(dev_nettyuring_jni_SocketAbi_F_DUPFD_CLOEXEC, F_DUPFD_CLOEXEC);
SAME(dev_nettyuring_jni_SocketAbi_O_CLOEXEC, O_CLOEXEC);
SAME(dev_nettyuring_jni_SocketAbi_O_NONBLOCK, O_NONBLOCK);
SAME(dev_nettyuring_jni_SocketAbi_F_GETFL, F_GETFL);
SAME(dev_nettyuring_jni_SocketAbi_F_SETFL, F_SETFL);
SAME(dev_nettyuring_jni_SocketAbi_F_SETPIPE_SZ, F_SETPIPE_SZ);
SAME(dev_nettyuring_jni_SocketAbi_SPLICE_F_NONBLOCK, SPLICE_F_NONBLOCK);
SAME(dev_nettyuring_jni_SocketAbi_EFD_CLOEXEC, EFD_CLOEXEC);
SAME(dev_nettyuring_jni_SocketAbi_EFD_NONBLOCK, EFD_NONBLOCK);
SAME(dev_nettyuring_jni_SocketAbi_POLLIN, POLLIN);
SAME(dev_nettyuring_jni_SocketAbi_POLLPRI, POLLPRI);
SAME(dev_nettyuring_jni_SocketAbi_POLLOUT, POLLOUT);
SAME(dev_nettyuring_jni_SocketAbi_POLLERR, POLLERR);
SAME(dev_nettyuring_jni_SocketAbi_POLLHUP, POLLHUP);
SAME(dev_nettyuring_jni_SocketAbi_POLLRDHUP, POLLRDHUP);
SAME(dev_nettyuring_jni_SocketAbi_SO_REUSEADDR, SO_REUSEADDR);
SAME(dev_nettyuring_jni_SocketAbi_SO_SNDBUF, SO_SNDBUF);
SAME(dev_nettyuring_jni_SocketAbi_SO_RCVBUF, SO_RCVBUF);
SAME(dev_nettyuring_jni_SocketAbi_SO_KEEPALIVE, SO_KEEPALIVE);
SAME(dev_nettyuring_jni_SocketAbi_SO_LINGER, SO_LINGER);
SAME(dev_nettyuring_jni_SocketAbi_SO_REUSEPORT, SO_REUSEPORT);
SAME(dev_nettyuring_jni_SocketAbi_SO_PEERCRED, SO_PEERCRED);
SAME(dev_nettyuring_jni_SocketAbi_SO_PEERNAME, SO_PEERNAME);
SAME(dev_nettyuring_jni_SocketAbi_SO_BUSY_POLL, SO_BUSY_POLL);
SAME(dev_nettyuring_jni_SocketAbi_SO_INCOMING_CPU, SO_INCOMING_CPU);
SAME(dev_nettyuring_jni_SocketAbi_IP_TOS, IP_TOS);
SAME(dev_nettyuring_jni_SocketAbi_IP_FREEBIND, IP_FREEBIND);
SAME(dev_nettyuring_jni_SocketAbi_IP_TRANSPARENT, IP_TRANSPARENT);
SAME(dev_nettyuring_jni_SocketAbi_IP_BIND_ADDRESS_NO_PORT, IP_BIND_ADDRESS_NO_PORT);
SAME(dev_nettyuring_jni_SocketAbi_IPV6_V6ONLY, IPV6_V6ONLY);
SAME(dev_nettyuring_jni_SocketAbi_IPV6_TCLASS, IPV6_TCLASS);
SAME(dev_nettyuring_jni_SocketAbi_TCP_NODELAY, TCP_NODELAY);
SAME(dev_nettyuring_jni_SocketAbi_TCP_CORK, TCP_CORK);
SAME(dev_nettyuring_jni_SocketAbi_TCP_KEEPIDLE, TCP_KEEPIDLE);
SAME(dev_nettyuring_jni_SocketAbi_TCP_KEEPINTVL, TCP_KEEPINTVL);
SAME(dev_nettyuring_jni_SocketAbi_TCP_KEEPCNT, TCP_KEEPCNT);
SAME(dev_nettyuring_jni_SocketAbi_TCP_DEFER_ACCEPT, TCP_DEFER_ACCEPT);
SAME(dev_nettyuring_jni_SocketAbi_TCP_INFO, TCP_INFO);
SAME(dev_nettyuring_jni_SocketAbi_TCP_QUICKACK, TCP_QUICKACK);
SAME(dev_nettyuring_jni_SocketAbi_TCP_MD5SIG, TCP_MD5SIG);
SAME(dev_nettyuring_jni_SocketAbi_TCP_USER_TIMEOUT, TCP_USER_TIMEOUT);
SAME(dev_nettyuring_jni_SocketAbi_TCP_FASTOPEN, TCP_FASTOPEN);
SAME(dev_nettyuring_jni_SocketAbi_TCP_NOTSENT_LOWAT, TCP_NOTSENT_LOWAT);
SAME(dev_nettyuring_jni_SocketAbi_TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_CONNECT);
SAME(dev_nettyuring_jni_SocketAbi_SOCKADDR_IN_PORT, offsetof(struct sockaddr_in, sin_port));
SAME(dev_nettyuring_jni_SocketAbi_SOCKADDR_IN_ADDR, offsetof(struct sockaddr_in, sin_addr));
SAME(dev_nettyuring_jni_SocketAbi_SOCKADDR_IN_SIZE, sizeof(struct sockaddr_in));
SAME(dev_nettyuring_jni_SocketAbi_SOCKADDR_IN6_PORT, offsetof(struct sockaddr_in6, sin6_port));
SAME(dev_nettyuring_jni_SocketAbi_SOCKADDR_IN6_ADDR, offsetof(struct sockaddr_in6, sin6_addr));
SAME(dev_nettyuring_jni_SocketAbi_SOCKADDR_IN6_SCOPE_ID, offsetof(struct sockaddr_in6, sin6_scope_id));
SAME(dev_nettyuring_jni_SocketAbi_SOCKADDR_IN6_SIZE, sizeof(struct sockaddr_in6));
SAME(dev_nettyuring_jni_SocketAbi_SOCKADDR_UN_PATH, offsetof(struct sockaddr_un, sun_path));
SAME(dev_nettyuring_jni_SocketAbi_SOCKADDR_UN_SIZE, sizeof(struct sockaddr_un));
SAME(dev_nettyuring_jni_SocketAbi_SOCKADDR_STORAGE_SIZE, sizeof(struct sockaddr_storage));
SAME(dev_nettyuring_jni_SocketAbi_IOVEC_BASE, offsetof(struct iovec, iov_base));
SAME(dev_nettyuring_jni_SocketAbi_IOVEC_LEN, offsetof(struct iovec, iov_len));
SAME(dev_nettyuring_jni_SocketAbi_IOVEC_SIZE, sizeof(struct iovec));
SAME(dev_nettyuring_jni_SocketAbi_MSGHDR_IOV, offsetof(struct msghdr, msg_iov));
SAME(dev_nettyuring_jni_SocketAbi_MSGHDR_IOVLEN, offsetof(struct msghdr, msg_iovlen));
SAME(dev_nettyuring_jni_SocketAbi_MSGHDR_CONTROL, offsetof(struct msghdr, msg_control));
SAME(dev_nettyuring_jni_SocketAbi_MSGHDR_CONTROLLEN, offsetof(struct msghdr, msg_controllen));
SAME(dev_nettyuring_jni_SocketAbi_MSGHDR_SIZE, sizeof(struct msghdr));
SAME(dev_nettyuring_jni_SocketAbi_MMSGHDR_SIZE, sizeof(struct mmsghdr));
_Static_assert(offsetof(struct mmsghdr, msg_hdr) == 0, "a mmsghdr begins with its msghdr");
SAME(dev_nettyuring_jni_SocketAbi_CMSGHDR_LEN, offsetof(struct cmsghdr, cmsg_len));
SAME(dev_nettyuring_jni_SocketAbi_CMSGHDR_LEVEL, offsetof(struct cmsghdr, cmsg_level));
SAME(dev_nettyuring_jni_SocketAbi_CMSGHDR_TYPE, offsetof(struct cmsghdr, cmsg_type));
SAME(dev_nettyuring_jni_SocketAbi_CMSGHDR_SIZE, sizeof(struct cmsghdr));
SAME(dev_nettyuring_jni_SocketAbi_UCRED_PID, offsetof(struct ucred, pid));
SAME(dev_nettyuring_jni_SocketAbi_UCRED_UID, offsetof(struct ucred, uid));
SAME(dev_nettyuring_jni_SocketAbi_UCRED_GID, offsetof(struct ucred, gid));
SAME(dev_nettyuring_jni_SocketAbi_LINGER_ONOFF, offsetof(struct linger, l_onoff));
SAME(dev_nettyuring_jni_SocketAbi_LINGER_LINGER, offsetof(struct linger, l_linger));
SAME(dev_nettyuring_jni_SocketAbi_LINGER_SIZE, sizeof(struct linger));
SAME(dev_nettyuring_jni_SocketAbi_TCP_MD5SIG_KEYLEN, offsetof(struct tcp_md5sig, tcpm_keylen));
SAME(dev_nettyuring_jni_SocketAbi_TCP_MD5SIG_KEY, offsetof(struct tcp_md5sig, tcpm_key));
SAME(dev_nettyuring_jni_SocketAbi_TCP_MD5SIG_MAXKEYLEN, TCP_MD5SIG_MAXKEYLEN);
SAME(dev_nettyuring_jni_SocketAbi_TCP_MD5SIG_SIZE, sizeof(struct tcp_md5sig));
SAME(dev_nettyuring_jni_SocketAbi_AF_UNSPEC, AF_UNSPEC);
SAME(dev_nettyuring_jni_SocketAbi_IPPROTO_UDP, IPPROTO_UDP);
SAME(dev_nettyuring_jni_SocketAbi_MSG_CTRUNC, MSG_CTRUNC);
SAME(dev_nettyuring_jni_SocketAbi_MSG_PEEK, MSG_PEEK);
SAME(dev_nettyuring_jni_SocketAbi_MSG_TRUNC, MSG_TRUNC);
SAME(dev_nettyuring_jni_SocketAbi_SO_BROADCAST, SO_BROADCAST);
SAME(dev_nettyuring_jni_SocketAbi_IP_PKTINFO, IP_PKTINFO);
SAME(dev_nettyuring_jni_SocketAbi_IP_RECVTOS, IP_RECVTOS);
SAME(dev_nettyuring_jni_SocketAbi_IP_RECVORIGDSTADDR, IP_RECVORIGDSTADDR);
SAME(dev_nettyuring_jni_SocketAbi_IP_ORIGDSTADDR, IP_ORIGDSTADDR);
SAME(dev_nettyuring_jni_SocketAbi_IP_MULTICAST_IF, IP_MULTICAST_IF);
SAME(dev_nettyuring_jni_SocketAbi_IP_MULTICAST_TTL, IP_MULTICAST_TTL);
SAME(dev_nettyuring_jni_SocketAbi_IP_MULTICAST_LOOP, IP_MULTICAST_LOOP);
SAME(dev_nettyuring_jni_SocketAbi_IP_MULTICAST_ALL, IP_MULTICAST_ALL);
SAME(dev_nettyuring_jni_SocketAbi_MCAST_JOIN_GROUP, MCAST_JOIN_GROUP);
SAME(dev_nettyuring_jni_SocketAbi_MCAST_BLOCK_SOURCE, MCAST_BLOCK_SOURCE);
SAME(dev_nettyuring_jni_SocketAbi_MCAST_LEAVE_GROUP, MCAST_LEAVE_GROUP);
SAME(dev_nettyuring_jni_SocketAbi_MCAST_JOIN_SOURCE_GROUP, MCAST_JOIN_SOURCE_GROUP);
SAME(dev_nettyuring_jni_SocketAbi_MCAST_LEAVE_SOURCE_GROUP, MCAST_LEAVE_SOURCE_GROUP);
SAME(dev_nettyuring_jni_SocketAbi_IPV6_MULTICAST_IF, IPV6_MULTICAST_IF);
SAME(dev_nettyuring_jni_SocketAbi_IPV6_MULTICAST_HOPS, IPV6_MULTICAST_HOPS);
SAME(dev_nettyuring_jni_SocketAbi_IPV6_MULTICAST_LOOP, IPV6_MULTICAST_LOOP);
SAME(dev_nettyuring_jni_SocketAbi_IPV6_MULTICAST_ALL, IPV6_MULTICAST_ALL);
SAME(dev_nettyuring_jni_SocketAbi_IPV6_RECVPKTINFO, IPV6_RECVPKTINFO);
SAME(dev_nettyuring_jni_SocketAbi_IPV6_PKTINFO, IPV6_PKTINFO);
SAME(dev_nettyuring_jni_SocketAbi_IPV6_RECVTCLASS, IPV6_RECVTCLASS);
SAME(dev_nettyuring_jni_SocketAbi_UDP_SEGMENT, UDP_SEGMENT);
SAME(dev_nettyuring_jni_SocketAbi_UDP_GRO, UDP_GRO);
NUMBER(dev_nettyuring_jni_SocketAbi_IPV6_RECVORIGDSTADDR, 74);
NUMBER(dev_nettyuring_jni_SocketAbi_IPV6_ORIGDSTADDR, 74);
#ifdef IPV6_ORIGDSTADDR
SAME(dev_nettyuring_jni_SocketAbi_IPV6_RECVORIGDSTADDR, IPV6_RECVORIGDSTADDR);
SAME(dev_nettyuring_jni_SocketAbi_IPV6_ORIGDSTADDR, IPV6_ORIGDSTADDR);
#endif
SAME(dev_nettyuring_jni_SocketAbi_MSGHDR_NAME, offsetof(struct msghdr, msg_name));
SAME(dev_nettyuring_jni_SocketAbi_MSGHDR_NAMELEN, offsetof(struct msghdr, msg_namelen));
SAME(dev_nettyuring_jni_SocketAbi_MSGHDR_FLAGS, offsetof(struct msghdr, msg_flags));
SAME(dev_nettyuring_jni_SocketAbi_IN_PKTINFO_ADDR, offsetof(struct in_pktinfo, ipi_addr));
SAME(dev_nettyuring_jni_SocketAbi_IN6_PKTINFO_ADDR, offsetof(struct in6_pktinfo, ipi6_addr));
SAME(dev_nettyuring_jni_SocketAbi_IN6_PKTINFO_IFINDEX, offsetof(struct in6_pktinfo, ipi6_ifindex));
SAME(dev_nettyuring_jni_SocketAbi_IP_MREQN_ADDRESS, offsetof(struct ip_mreqn, imr_address));
SAME(dev_nettyuring_jni_SocketAbi_IP_MREQN_IFINDEX, offsetof(struct ip_mreqn, imr_ifindex));
SAME(dev_nettyuring_jni_SocketAbi_GROUP_REQ_INTERFACE, offsetof(struct group_req, gr_interface));
SAME(dev_nettyuring_jni_SocketAbi_GROUP_REQ_GROUP, offsetof(struct group_req, gr_group));
SAME(dev_nettyuring_jni_SocketAbi_GROUP_SOURCE_REQ_SOURCE, offsetof(struct group_source_req, gsr_source));
SAME(dev_nettyuring_jni_SocketAbi_IN_PKTINFO_SIZE, sizeof(struct in_pktinfo));
SAME(dev_nettyuring_jni_SocketAbi_IN6_PKTINFO_SIZE, sizeof(struct in6_pktinfo));
SAME(dev_nettyuring_jni_SocketAbi_IP_MREQN_SIZE, sizeof(struct ip_mreqn));
SAME(dev_nettyuring_jni_SocketAbi_GROUP_REQ_SIZE, sizeof(struct group_req));
SAME(dev_nettyuring_jni_SocketAbi_GROUP_SOURCE_REQ_SIZE, sizeof(struct group_source_req));
_Static_assert(CMSG_LEN(0) == sizeof(struct cmsghdr), "a control message's data follows its header");
_Static_assert(CMSG_SPACE(1) == CMSG_SPACE(8), "control messages are aligned to 8 bytes");

// The timeout of io_uring_enter(2): two 64-bit words.
_Static_assert(sizeof(struct __kernel_timespec) == 16, "__kernel_timespec is two 64-bit words");
