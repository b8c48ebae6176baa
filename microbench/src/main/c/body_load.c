// SPDX-License-Identifier: Apache-2.0
// Both ends of a relay, made cheap so that the relay is what is measured: the origin sends its bodies by sendfile(2), the
// client discards what it receives in the kernel (MSG_TRUNC), so neither copies.
//   body_load origin PORT BYTES
//   body_load client PORT CONNECTIONS SECONDS    requests one after another on each; prints how many, and how long they took
//   body_load idle PORT CONNECTIONS SECONDS      one request on each, and then nothing
#include "load.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

enum { DISCARD = 8 << 20 };

static long started_ns[MAX_FDS];
static long left[MAX_FDS]; // origin: bytes of the response still to send; client: to receive
static long response_bytes; // client: its head and body

static int response_file(long bytes, long *total) {
    int file = memfd_create("response", 0);
    char head[128];
    int length = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %ld\r\n\r\n", bytes);
    *total = length + bytes;
    if (write(file, head, length) != length || ftruncate(file, *total)) fail("memfd");
    return file;
}

static void send_rest(int fd, int file, long total) {
    while (left[fd] > 0) {
        off_t from = total - left[fd];
        ssize_t sent = sendfile(fd, file, &from, left[fd]);
        if (sent < 0) return; // EAGAIN, or the peer is gone, which reading will tell
        left[fd] -= sent;
    }
}

static void origin(const char *port, long bytes) {
    long total;
    int file = response_file(bytes, &total), epoll = epoll_create1(0), on = 1;
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in at = address(port);
    signal(SIGPIPE, SIG_IGN); // sendfile(2) has no flag against it
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server, (struct sockaddr *)&at, sizeof at) || listen(server, 1024)) fail("bind");
    watch(epoll, server, EPOLLIN);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == server) {
                int peer = accept4(server, 0, 0, SOCK_NONBLOCK);
                if (peer < 0) continue;
                setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                left[peer] = 0;
                watch(epoll, peer, EPOLLIN | EPOLLOUT | EPOLLET);
                continue;
            }
            char request[4096];
            ssize_t got;
            while ((got = recv(fd, request, sizeof request, 0)) > 0)
                if (request[got - 1] == '\n') left[fd] = total; // one request, one piece
            if (got == 0 || errno != EAGAIN) {
                close(fd);
                continue;
            }
            send_rest(fd, file, total);
        }
    }
}

static void request(int fd) {
    static const char get[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    started_ns[fd] = now_ns();
    if (send(fd, get, sizeof get - 1, MSG_NOSIGNAL) != sizeof get - 1) fail("send");
    left[fd] = -1; // its head, which tells the length, is next
}

static long head_and_body(int fd) {
    char head[256];
    ssize_t got = recv(fd, head, sizeof head - 1, MSG_PEEK);
    if (got <= 0) fail("recv");
    head[got] = 0;
    char *length = strcasestr(head, "Content-Length: "), *end = strstr(head, "\r\n\r\n");
    if (!length || !end) return -1; // the rest of the head is still to come
    return response_bytes = end + 4 - head + atol(length + 16);
}

static int connected(const char *port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in at = address(port);
    if (fd < 0 || fd >= MAX_FDS) fail("socket");
    if (connect(fd, (struct sockaddr *)&at, sizeof at)) fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    request(fd);
    return fd;
}

static int idle(const char *port, int connections, double seconds) {
    for (int i = 0; i < connections; i++) {
        char response[4096];
        if (recv(connected(port), response, sizeof response, 0) <= 0) fail("recv");
    }
    printf("%d connections idle\n", connections);
    fflush(stdout);
    usleep(seconds * 1e6);
    return 0;
}

static int client(const char *port, int connections, double seconds) {
    int epoll = epoll_create1(0);
    for (int i = 0; i < connections; i++) watch(epoll, connected(port), EPOLLIN);
    long responses = 0, start = now_ns(), end = start + seconds * 1e9, at;
    while ((at = now_ns()) < end) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, 100);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (left[fd] < 0 && (left[fd] = head_and_body(fd)) < 0) continue;
            ssize_t got = recv(fd, 0, left[fd] < DISCARD ? left[fd] : DISCARD, MSG_TRUNC | MSG_DONTWAIT);
            if (got <= 0) fail("recv");
            if ((left[fd] -= got) == 0) {
                record(now_ns() - started_ns[fd]);
                responses++;
                request(fd);
            }
        }
    }
    double begun = 0; // counts in part
    for (int fd = 0; fd < MAX_FDS; fd++)
        if (left[fd] > 0) begun += 1 - (double)left[fd] / response_bytes;
    print_result(responses + begun, at - start);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 4 && !strcmp(argv[1], "origin")) origin(argv[2], atol(argv[3]));
    if (argc == 5 && !strcmp(argv[1], "client")) return client(argv[2], atoi(argv[3]), atof(argv[4]));
    if (argc == 5 && !strcmp(argv[1], "idle")) return idle(argv[2], atoi(argv[3]), atof(argv[4]));
    fprintf(stderr, "usage: %s origin PORT BYTES | client|idle PORT CONNECTIONS SECONDS\n", argv[0]);
    return 2;
}
