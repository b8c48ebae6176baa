// SPDX-License-Identifier: Apache-2.0
// Load of datagrams:
//   datagram_load PORT SOCKETS SECONDS BYTES SEGMENTS
// Each socket has one burst of so many datagrams under way, all of which must come back as they went; more than one are handed
// to the kernel as one message (UDP_SEGMENT), and taken from it together where the server sent them so (UDP_GRO).
#include "load.h"
#include <errno.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { MAX_BURST = 65507, MAX_SEGMENTS = 64, MAX_SOCKETS = 1024 };

#define PATIENCE_NS 1000000000L // then a burst counts as lost, and is sent anew
#define LOST_OF 1000           // one burst of so many may be

struct mark {
    uint32_t burst, segment; // the first bytes of each datagram
};

static struct {
    int fd;
    uint32_t burst;
    uint64_t missing; // segments that are not back yet
    long started_ns;
} peer[MAX_SOCKETS];

static char burst[MAX_BURST], received[1 << 16];
static long bytes, segments, lost;

static void send_burst(int i) {
    peer[i].burst++;
    peer[i].missing = segments == MAX_SEGMENTS ? ~0UL : (1UL << segments) - 1;
    peer[i].started_ns = now_ns();
    for (long s = 0; s < segments; s++)
        memcpy(burst + s * bytes, &(struct mark){peer[i].burst, s}, sizeof(struct mark));
    if (send(peer[i].fd, burst, bytes * segments, 0) != bytes * segments) fail("send");
}

static void open_socket(int i, const char *port, int epoll) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0), size = bytes, on = 1;
    struct sockaddr_in at = address(port);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at)) fail("socket");
    if (segments > 1 && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size)) fail("UDP_SEGMENT");
    if (segments > 1 && setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on)) fail("UDP_GRO");
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
    peer[i].fd = fd;
}

// What came, and of how many bytes each datagram in it was; 0 for nothing.
static long receive(int fd, long *each) {
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec to = {received, sizeof received};
    struct msghdr message = {
        .msg_iov = &to, .msg_iovlen = 1, .msg_control = control, .msg_controllen = segments > 1 ? sizeof control : 0};
    ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return 0;
    if (got <= 0) fail("recvmsg");
    *each = got;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
        if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) *each = *(int *)CMSG_DATA(c);
    return got;
}

static void check(int i, const char *datagram, long length) {
    struct mark mark;
    memcpy(&mark, datagram, sizeof mark);
    if (length == bytes && mark.burst < peer[i].burst) return; // one that was given up came all the same
    if (length != bytes || mark.burst != peer[i].burst || mark.segment >= segments
            || !(peer[i].missing & 1UL << mark.segment)
            || memcmp(datagram + sizeof mark, burst + sizeof mark, bytes - sizeof mark))
        exit((fprintf(stderr, "not what was sent\n"), 1));
    peer[i].missing &= ~(1UL << mark.segment);
}

// Whether the burst is back.
static bool take(int i) {
    long got, each;
    while (peer[i].missing && (got = receive(peer[i].fd, &each)))
        for (long at = 0; at < got; at += each) check(i, received + at, got - at < each ? got - at : each);
    return !peer[i].missing;
}

static void give_up(int sockets, long now) {
    for (int i = 0; i < sockets; i++)
        if (now - peer[i].started_ns > PATIENCE_NS) {
            lost++;
            send_burst(i);
        }
}

static int echo(const char *port, int sockets, double seconds) {
    int epoll = epoll_create1(0);
    for (long i = 0; i < bytes * segments; i++) burst[i] = 'a' + i % bytes % 26;
    for (int i = 0; i < sockets; i++) open_socket(i, port, epoll);
    long responses = 0, start = now_ns(), end = start + seconds * 1e9, looked = start, at;
    for (int i = 0; i < sockets; i++) send_burst(i);
    while ((at = now_ns()) < end) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, 100);
        for (int e = 0; e < count; e++) {
            int i = events[e].data.u32;
            if (!take(i)) continue;
            record(now_ns() - peer[i].started_ns);
            responses++;
            send_burst(i);
        }
        if (at - looked > PATIENCE_NS / 2) give_up(sockets, looked = at);
    }
    if (lost * LOST_OF > responses) return fprintf(stderr, "%ld bursts lost, %ld came back\n", lost, responses), 1;
    print_result(responses, at - start);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 6) {
        int sockets = atoi(argv[2]);
        bytes = atol(argv[4]), segments = atol(argv[5]);
        if (sockets >= 1 && sockets <= MAX_SOCKETS && segments >= 1 && segments <= MAX_SEGMENTS
                && bytes >= (long)sizeof(struct mark) && bytes * segments <= MAX_BURST)
            return echo(argv[1], sockets, atof(argv[3]));
    }
    fprintf(stderr, "usage: %s PORT SOCKETS SECONDS BYTES SEGMENTS\n", argv[0]);
    return 2;
}
