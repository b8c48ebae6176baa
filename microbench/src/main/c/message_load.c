// SPDX-License-Identifier: Apache-2.0
// Load of small messages.
//   message_load echo PORT CONNECTIONS SECONDS BYTES    one message on its way on each connection, which must come back whole
//   message_load accept PORT CONNECTIONS SECONDS        connects, requests, reads the response to its end, again and again
#include "load.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { MAX_MESSAGE = 1 << 16, SOURCES = 250 };

static struct {
    long started_ns, got;
} exchange[MAX_FDS];

static const char get[] = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
static char message[MAX_MESSAGE], received[MAX_MESSAGE];

static void send_message(int fd, const char *bytes, long length) {
    exchange[fd].started_ns = now_ns();
    exchange[fd].got = 0;
    if (send(fd, bytes, length, MSG_NOSIGNAL) != length) fail("send");
}

static int connected(const char *port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in at = address(port);
    if (fd < 0 || fd >= MAX_FDS) fail("socket");
    if (connect(fd, (struct sockaddr *)&at, sizeof at)) fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static int echo(const char *port, int connections, double seconds, long bytes) {
    int epoll = epoll_create1(0);
    if (bytes < 1 || bytes > MAX_MESSAGE) return fprintf(stderr, "BYTES: 1 to %d\n", MAX_MESSAGE), 2;
    for (long i = 0; i < bytes; i++) message[i] = 'a' + i % 26;
    for (int i = 0; i < connections; i++) {
        int fd = connected(port);
        watch(epoll, fd, EPOLLIN);
        send_message(fd, message, bytes);
    }
    long responses = 0, start = now_ns(), end = start + seconds * 1e9, at;
    while ((at = now_ns()) < end) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, 100);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            ssize_t got = recv(fd, received, bytes - exchange[fd].got, MSG_DONTWAIT);
            if (got <= 0) fail("recv");
            if (memcmp(received, message + exchange[fd].got, got)) return fprintf(stderr, "not what was sent\n"), 1;
            if ((exchange[fd].got += got) < bytes) continue;
            record(now_ns() - exchange[fd].started_ns);
            responses++;
            send_message(fd, message, bytes);
        }
    }
    print_result(responses, at - start);
    return 0;
}

// Begins a connection; from many addresses, since each has only so many ports, and a port that was used rests for a while.
static void begin(int epoll, const char *port) {
    static unsigned next_source;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002 + next_source++ % SOURCES)};
    struct sockaddr_in at = address(port);
    if (fd < 0 || fd >= MAX_FDS) fail("socket");
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, sizeof from)) fail("bind");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    exchange[fd].started_ns = now_ns();
    exchange[fd].got = -1; // nothing sent yet
    if (connect(fd, (struct sockaddr *)&at, sizeof at) && errno != EINPROGRESS) fail("connect");
    watch(epoll, fd, EPOLLIN | EPOLLOUT | EPOLLET);
}

// Whether the connection is over.
static bool go_on(int fd) {
    if (exchange[fd].got < 0) {
        ssize_t sent = send(fd, get, sizeof get - 1, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) return false;
        if (sent != sizeof get - 1) fail("send");
        exchange[fd].got = 0;
    }
    ssize_t got;
    while ((got = recv(fd, received, sizeof received, MSG_DONTWAIT)) > 0) exchange[fd].got += got;
    if (got < 0 && errno != EAGAIN) fail("recv");
    if (got == 0 && exchange[fd].got == 0) exit((fprintf(stderr, "closed without a response\n"), 1));
    return got == 0;
}

static int accepts(const char *port, int connections, double seconds) {
    int epoll = epoll_create1(0);
    for (int i = 0; i < connections; i++) begin(epoll, port);
    long responses = 0, start = now_ns(), end = start + seconds * 1e9, at;
    while ((at = now_ns()) < end) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, 100);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (!go_on(fd)) continue;
            record(now_ns() - exchange[fd].started_ns);
            responses++;
            close(fd);
            begin(epoll, port);
        }
    }
    print_result(responses, at - start);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 6 && !strcmp(argv[1], "echo")) return echo(argv[2], atoi(argv[3]), atof(argv[4]), atol(argv[5]));
    if (argc == 5 && !strcmp(argv[1], "accept")) return accepts(argv[2], atoi(argv[3]), atof(argv[4]));
    fprintf(stderr, "usage: %s echo PORT CONNECTIONS SECONDS BYTES | accept PORT CONNECTIONS SECONDS\n", argv[0]);
    return 2;
}
