// SPDX-License-Identifier: Apache-2.0
// What the load generators share. Each measures what it sees and prints one line of names and numbers.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum { EVENTS = 256, MAX_FDS = 1 << 16 };

static inline int fail(const char *what) {
    perror(what);
    exit(1);
}

static inline struct sockaddr_in address(const char *port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static inline void watch(int epoll, int fd, unsigned events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

static inline long now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

// latencies: 128 buckets of equal width a power of two, so that none is more than 1.6 % off
enum { SUB_BITS = 7, OCTAVES = 64 - SUB_BITS };

static unsigned long latencies[(OCTAVES + 1) << SUB_BITS], latencies_total;

static inline void record(long ns) {
    int octave = ns >> SUB_BITS ? 64 - SUB_BITS - __builtin_clzl(ns) : 0;
    latencies[(octave << SUB_BITS) + (ns >> octave)]++;
    latencies_total++;
}

static inline double percentile_us(double share) {
    unsigned long wanted = latencies_total * share, seen = 0;
    for (int i = 0; i < (OCTAVES + 1) << SUB_BITS; i++) {
        if ((seen += latencies[i]) > wanted) {
            return ((i & ((1L << SUB_BITS) - 1)) << (i >> SUB_BITS)) / 1e3;
        }
    }
    return 0;
}

static inline void print_result(double responses, long took_ns) {
    printf("responses %.3f seconds %.6f p50_us %.3f p90_us %.3f p99_us %.3f p999_us %.3f\n", responses, took_ns / 1e9,
           percentile_us(.5), percentile_us(.9), percentile_us(.99), percentile_us(.999));
}
