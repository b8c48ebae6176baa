// SPDX-License-Identifier: Apache-2.0
// What a relay could be: C and epoll, one thread, bytes moved and nothing parsed. Beside it the transports' relays show what
// is left to gain on the machine at hand.
//   plain_relay copy|splice PORT ORIGIN_PORT
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, MAX_FDS = 1 << 16, CHUNK = 256 << 10 };

// what was read from a descriptor and its peer has not taken yet, in memory or in a pipe
struct stream {
    int peer, pipe[2];
    long kept;
    char *memory, *next;
    bool ended;
};

static struct stream streams[MAX_FDS];
static bool splices;
static int epoll;

static int fail(const char *what) {
    perror(what);
    exit(1);
}

static struct sockaddr_in address(const char *port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void watch(int fd, unsigned events) {
    struct epoll_event event = {.events = events | EPOLLET, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

static void begin(int fd, int peer) {
    struct stream *stream = &streams[fd];
    int on = 1;
    *stream = (struct stream){.peer = peer, .pipe = {-1, -1}};
    if (splices && (pipe2(stream->pipe, O_NONBLOCK) || fcntl(stream->pipe[1], F_SETPIPE_SZ, CHUNK) < 0)) fail("pipe2");
    if (!splices && !(stream->memory = malloc(CHUNK))) fail("malloc");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, O_NONBLOCK); // splice(2) goes by this, not by its own flag
}

static void end(int fd) {
    struct stream *stream = &streams[fd];
    free(stream->memory);
    if (splices) close(stream->pipe[0]), close(stream->pipe[1]);
    stream->peer = 0;
    close(fd);
}

static ssize_t fill(int fd, struct stream *stream) {
    if (splices) return splice(fd, NULL, stream->pipe[1], NULL, CHUNK, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    stream->next = stream->memory;
    return recv(fd, stream->memory, CHUNK, MSG_DONTWAIT);
}

static ssize_t drain(struct stream *stream) {
    if (splices) {
        return splice(stream->pipe[0], NULL, stream->peer, NULL, stream->kept, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    }
    ssize_t sent = send(stream->peer, stream->next, stream->kept, MSG_DONTWAIT | MSG_NOSIGNAL);
    stream->next += sent > 0 ? sent : 0;
    return sent;
}

// moves what there is; false once the stream has ended, or its peer is gone
static bool move(int fd) {
    struct stream *stream = &streams[fd];
    while (!stream->ended || stream->kept) {
        if (!stream->kept) {
            ssize_t got = fill(fd, stream);
            if (got < 0) return errno == EAGAIN;
            stream->kept = got;
            stream->ended = got == 0;
            continue;
        }
        ssize_t sent = drain(stream);
        if (sent < 0) return errno == EAGAIN;
        stream->kept -= sent;
    }
    return false;
}

static void accepted(int client, const char *origin_port) {
    int origin = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = address(origin_port);
    if (client >= MAX_FDS || origin < 0 || origin >= MAX_FDS) fail("socket");
    if (connect(origin, (struct sockaddr *)&at, sizeof at)) fail("connect");
    begin(client, origin);
    begin(origin, client);
    watch(client, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
    watch(origin, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
}

int main(int argc, char **argv) {
    if (argc != 4 || (strcmp(argv[1], "copy") && strcmp(argv[1], "splice"))) {
        fprintf(stderr, "usage: %s copy|splice PORT ORIGIN_PORT\n", argv[0]);
        return 2;
    }
    splices = !strcmp(argv[1], "splice");
    signal(SIGPIPE, SIG_IGN);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in at = address(argv[2]);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server, (struct sockaddr *)&at, sizeof at) || listen(server, 4096)) fail("bind");
    epoll = epoll_create1(0);
    watch(server, EPOLLIN);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd, peer = streams[fd].peer;
            if (fd == server) {
                for (int client; (client = accept(server, NULL, NULL)) >= 0;) accepted(client, argv[3]);
            } else if (peer && !(move(fd) && move(peer))) {
                end(fd);
                end(peer);
            }
        }
    }
}
