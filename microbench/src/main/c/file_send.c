// SPDX-License-Identifier: Apache-2.0
// Sends a file from the page cache over loopback TCP in several ways in turns, and prints for each the CPU time of the sending
// process (its io-wq workers included) and the speed: median of the rounds.
//   file_send FILE-BYTES MIB-A-ROUND ROUNDS [FOLDER]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { NR_CACHESTAT = 451, ENTRIES = 8, MAX_ROUNDS = 64, DISCARD = 8 << 20 };

static int ring, sock, file, pipe_fds[2], pipe_bytes;
static struct io_uring_sqe *sqes;
static unsigned *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail, *cq_mask;
static struct io_uring_cqe *cqes;
static unsigned queued;
static char *memory;
static long file_bytes;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void open_ring(void) {
    struct io_uring_params p = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL};
    ring = syscall(__NR_io_uring_setup, ENTRIES, &p);
    if (ring < 0) die("io_uring_setup");
    size_t size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
    char *r = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
    sqes = mmap(0, p.sq_entries * sizeof *sqes, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
    if (r == MAP_FAILED || sqes == MAP_FAILED) die("mmap");
    sq_tail = (unsigned *) (r + p.sq_off.tail);
    sq_mask = (unsigned *) (r + p.sq_off.ring_mask);
    sq_array = (unsigned *) (r + p.sq_off.array);
    cq_head = (unsigned *) (r + p.cq_off.head);
    cq_tail = (unsigned *) (r + p.cq_off.tail);
    cq_mask = (unsigned *) (r + p.cq_off.ring_mask);
    cqes = (struct io_uring_cqe *) (r + p.cq_off.cqes);
    struct iovec all = {memory, 4 << 20};
    if (syscall(__NR_io_uring_register, ring, IORING_REGISTER_BUFFERS, &all, 1) < 0) die("IORING_REGISTER_BUFFERS");
}

static struct io_uring_sqe *prepare(int opcode, int fd, long user_data) {
    unsigned at = *sq_tail & *sq_mask;
    struct io_uring_sqe *s = &sqes[at];
    memset(s, 0, sizeof *s);
    s->opcode = opcode;
    s->fd = fd;
    s->user_data = user_data;
    sq_array[at] = at;
    __atomic_store_n(sq_tail, *sq_tail + 1, __ATOMIC_RELEASE);
    queued++;
    return s;
}

// Waits for so many completions; results by user_data. A notification counts as one.
static void await(unsigned count, int *results) {
    for (unsigned taken = 0; taken < count;) {
        if (*cq_head == __atomic_load_n(cq_tail, __ATOMIC_ACQUIRE)) {
            int n = syscall(__NR_io_uring_enter, ring, queued, 1, IORING_ENTER_GETEVENTS, 0, 0);
            if (n < 0) die("io_uring_enter");
            queued -= n;
            continue;
        }
        struct io_uring_cqe *c = &cqes[*cq_head & *cq_mask];
        if (!(c->flags & IORING_CQE_F_NOTIF)) {
            results[c->user_data] = c->res;
            if (c->res < 0 && c->res != -ECANCELED) {
                fprintf(stderr, "operation %d: %s\n", (int) c->user_data, strerror(-c->res));
                exit(1);
            }
            taken++;
        }
        __atomic_store_n(cq_head, *cq_head + 1, __ATOMIC_RELEASE);
    }
}

static long least(long a, long b) {
    return a < b ? a : b;
}

static void send_all(int opcode, char *from, int length) {
    int results[2];
    while (length > 0) {
        struct io_uring_sqe *s = prepare(opcode, sock, 0);
        s->addr = (unsigned long) from;
        s->len = length;
        await(1, results);
        from += results[0];
        length -= results[0];
    }
}

static void read_send(long piece, int read_opcode, int send_opcode) {
    int results[2];
    for (long at = 0; at < file_bytes; at += results[1]) {
        struct io_uring_sqe *s = prepare(read_opcode, file, 1);
        s->off = at;
        s->addr = (unsigned long) memory;
        s->len = least(piece, file_bytes - at);
        await(1, results);
        send_all(send_opcode, memory, results[1]);
    }
}

static void by_read(long piece) { read_send(piece, IORING_OP_READ, IORING_OP_SEND); }
static void by_read_fixed(long piece) { read_send(piece, IORING_OP_READ_FIXED, IORING_OP_SEND); }
static void by_read_zc(long piece) { read_send(piece, IORING_OP_READ, IORING_OP_SEND_ZC); }

static void by_linked_read(long piece) {
    int results[2];
    for (long at = 0; at < file_bytes; at += results[0]) {
        int length = least(piece, file_bytes - at);
        struct io_uring_sqe *s = prepare(IORING_OP_READ, file, 0);
        s->off = at;
        s->addr = (unsigned long) memory;
        s->len = length;
        s->flags = IOSQE_IO_LINK;
        s = prepare(IORING_OP_SEND, sock, 1);
        s->addr = (unsigned long) memory;
        s->len = length;
        await(2, results);
        send_all(IORING_OP_SEND, memory + results[1], results[0] - results[1]);
    }
}

static void by_splice(long piece) {
    int results[2];
    if (piece != pipe_bytes && (pipe_bytes = fcntl(pipe_fds[1], F_SETPIPE_SZ, piece)) < piece) die("F_SETPIPE_SZ");
    for (long at = 0; at < file_bytes;) {
        long length = least(piece, file_bytes - at);
        struct io_uring_sqe *s = prepare(IORING_OP_SPLICE, pipe_fds[1], 0);
        s->splice_fd_in = file;
        s->splice_off_in = at;
        s->off = -1;
        s->len = length;
        s->flags = IOSQE_IO_LINK;
        s = prepare(IORING_OP_SPLICE, sock, 1);
        s->splice_fd_in = pipe_fds[0];
        s->splice_off_in = -1;
        s->off = -1;
        s->len = length;
        await(2, results);
        at += results[0];
        for (long left = results[0] - (results[1] > 0 ? results[1] : 0); left > 0; left -= results[1]) {
            s = prepare(IORING_OP_SPLICE, sock, 1);
            s->splice_fd_in = pipe_fds[0];
            s->splice_off_in = -1;
            s->off = -1;
            s->len = left;
            await(1, results);
        }
    }
}

static void by_half_splice(long piece) {
    int results[1];
    if (piece != pipe_bytes && (pipe_bytes = fcntl(pipe_fds[1], F_SETPIPE_SZ, piece)) < piece) die("F_SETPIPE_SZ");
    for (long at = 0; at < file_bytes; at += results[0]) {
        struct io_uring_sqe *s = prepare(IORING_OP_SPLICE, pipe_fds[1], 0);
        s->splice_fd_in = file;
        s->splice_off_in = at;
        s->off = -1;
        s->len = least(piece, file_bytes - at);
        await(1, results);
        for (long left = results[0], n; left > 0; left -= n) {
            if ((n = splice(pipe_fds[0], 0, sock, 0, left, 0)) <= 0) die("splice");
        }
    }
}

static void by_sendfile(long piece) {
    for (off_t at = 0; at < file_bytes;) {
        if (sendfile(sock, file, &at, least(piece, file_bytes - at)) <= 0) die("sendfile");
    }
}

static bool is_cached(off_t at, long length) {
    struct { uint64_t off, len; } range = {at, length};
    struct { uint64_t cache, dirty, writeback, evicted, recently_evicted; } pages;
    if (syscall(NR_CACHESTAT, file, &range, &pages, 0)) die("cachestat");
    return pages.cache * 4096 >= (uint64_t) length;
}

static void by_sendfile_if_cached(long piece) {
    for (off_t at = 0; at < file_bytes;) {
        long length = least(piece, file_bytes - at);
        if (!is_cached(at, length) || sendfile(sock, file, &at, length) <= 0) die("sendfile");
    }
}

static void by_splice_if_cached(long piece) {
    if (piece != pipe_bytes && (pipe_bytes = fcntl(pipe_fds[1], F_SETPIPE_SZ, piece)) < piece) die("F_SETPIPE_SZ");
    for (off_t at = 0; at < file_bytes;) {
        long length = least(piece, file_bytes - at);
        if (!is_cached(at, length)) die("cachestat");
        long taken = splice(file, &at, pipe_fds[1], 0, length, 0);
        for (long left = taken, n; left > 0; left -= n) {
            if ((n = splice(pipe_fds[0], 0, sock, 0, left, 0)) <= 0) die("splice");
        }
    }
}

static void by_pread(long piece) {
    for (long at = 0, n, sent; at < file_bytes; at += n) {
        struct iovec to = {memory, least(piece, file_bytes - at)};
        if ((n = preadv2(file, &to, 1, at, RWF_NOWAIT)) <= 0) die("preadv2");
        for (long done = 0; done < n; done += sent) {
            if ((sent = send(sock, memory + done, n - done, 0)) < 0) die("send");
        }
    }
}

static struct variant {
    const char *name;
    void (*send)(long);
    long piece;
    double cpu[MAX_ROUNDS], speed[MAX_ROUNDS];
} variants[] = {
    {.name = "READ + SEND, 64 KiB", .send = by_read, .piece = 64 << 10},
    {.name = "READ + SEND, 128 KiB", .send = by_read, .piece = 128 << 10},
    {.name = "READ + SEND, 256 KiB", .send = by_read, .piece = 256 << 10},
    {.name = "READ + SEND, 512 KiB", .send = by_read, .piece = 512 << 10},
    {.name = "READ + SEND, 1 MiB", .send = by_read, .piece = 1 << 20},
    {.name = "READ linked to SEND, 256 KiB", .send = by_linked_read, .piece = 256 << 10},
    {.name = "READ_FIXED + SEND, 256 KiB", .send = by_read_fixed, .piece = 256 << 10},
    {.name = "READ + SEND_ZC, 256 KiB", .send = by_read_zc, .piece = 256 << 10},
    {.name = "SPLICE twice, pipe of 64 KiB", .send = by_splice, .piece = 64 << 10},
    {.name = "SPLICE twice, pipe of 256 KiB", .send = by_splice, .piece = 256 << 10},
    {.name = "SPLICE twice, pipe of 1 MiB", .send = by_splice, .piece = 1 << 20},
    {.name = "SPLICE and splice(2), pipe of 256 KiB", .send = by_half_splice, .piece = 256 << 10},
    {.name = "SPLICE and splice(2), pipe of 512 KiB", .send = by_half_splice, .piece = 512 << 10},
    {.name = "SPLICE and splice(2), pipe of 1 MiB", .send = by_half_splice, .piece = 1 << 20},
    {.name = "sendfile(2), waits for the disk", .send = by_sendfile, .piece = 1 << 30},
    {.name = "cachestat(2), sendfile(2), 64 KiB", .send = by_sendfile_if_cached, .piece = 64 << 10},
    {.name = "cachestat(2), sendfile(2), 512 KiB", .send = by_sendfile_if_cached, .piece = 512 << 10},
    {.name = "cachestat(2), splice(2) twice, 256 KiB", .send = by_splice_if_cached, .piece = 256 << 10},
    {.name = "cachestat(2), splice(2) twice, 1 MiB", .send = by_splice_if_cached, .piece = 1 << 20},
    {.name = "preadv2(2), send(2), 16 KiB", .send = by_pread, .piece = 16 << 10},
    {.name = "preadv2(2), send(2), 64 KiB", .send = by_pread, .piece = 64 << 10},
    {.name = "preadv2(2), send(2), 256 KiB", .send = by_pread, .piece = 256 << 10},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

static double seconds(struct timeval a, struct timeval b) {
    return a.tv_sec + b.tv_sec + (a.tv_usec + b.tv_usec) / 1e6;
}

static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return seconds(usage.ru_utime, usage.ru_stime);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b) {
    double x = *(double *) a, y = *(double *) b;
    return x < y ? -1 : x > y;
}

static void connect_to_discarder(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (void *) &address, length) || listen(listener, 1)) die("listen");
    getsockname(listener, (void *) &address, &length);
    if (fork() == 0) {
        int client = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(client, (void *) &address, length)) die("connect");
        while (recv(client, 0, DISCARD, MSG_TRUNC) > 0) {}
        _exit(0);
    }
    sock = accept(listener, 0, 0);
    if (sock < 0) die("accept");
}

int main(int argc, char **argv) {
    if (argc < 4 || atoi(argv[3]) > MAX_ROUNDS) {
        fprintf(stderr, "usage: file_send FILE-BYTES MIB-A-ROUND ROUNDS [FOLDER]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    file_bytes = atol(argv[1]);
    long files = (atol(argv[2]) << 20) / file_bytes;
    int rounds = atoi(argv[3]);
    file = open(argc > 4 ? argv[4] : "/tmp", O_TMPFILE | O_RDWR, 0600);
    memory = mmap(0, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (file < 0 || memory == MAP_FAILED) die("file");
    for (long at = 0; at < file_bytes; at += 1 << 20) {
        if (pwrite(file, memory, least(1 << 20, file_bytes - at), at) < 0) die("pwrite");
    }
    if (pipe2(pipe_fds, 0)) die("pipe2");
    connect_to_discarder();
    open_ring();
    for (int round = -1; round < rounds; round++) {
        for (int v = 0; v < VARIANTS; v++) {
            double cpu_before = cpu(), before = now();
            for (long i = 0; i < (files > 0 ? files : 1); i++) variants[v].send(variants[v].piece);
            if (round < 0) continue;
            double bytes = (double) file_bytes * (files > 0 ? files : 1);
            variants[v].cpu[round] = (cpu() - cpu_before) / (bytes / 1e9);
            variants[v].speed[round] = bytes / 1e6 / (now() - before);
        }
    }
    for (int v = 0; v < VARIANTS; v++) {
        qsort(variants[v].cpu, rounds, sizeof(double), ascending);
        qsort(variants[v].speed, rounds, sizeof(double), ascending);
        printf("%-38s %6.3f [%6.3f, %6.3f] CPU s/GB  %6.0f MB/s\n", variants[v].name, variants[v].cpu[rounds / 2],
               variants[v].cpu[0], variants[v].cpu[rounds - 1], variants[v].speed[rounds / 2]);
    }
    return 0;
}
