// SPDX-License-Identifier: Apache-2.0
// A bad network between two interfaces, by a seed: packets are lost, sent twice, late, out of order, at a rate.
//
//   packet_relay plain IFACE              the interface hands over packets as they go over a wire: whole, and not joined
//   packet_relay IFACE IFACE SEED         relays between them until its input ends; a line of its input is
//     LOSS DUPLICATES REORDERED DELAY RATE LARGEST   in 1/1000 of the packets, us, bytes/s (0: any), bytes (0: any)
//   and is answered with what became of the packets so far: those passed, lost, doubled, reordered, too large
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>

#define MAX_FRAME 65536
#define QUEUE 512          // frames that a slow link keeps for each direction; more are lost
#define BATCH 64           // taken before the other direction has its turn
#define LATE_US 3000       // what is reordered comes so much later

struct frame {
    int64_t due_us;
    int length;
    unsigned char *bytes;
};

struct direction {
    int from, to;
    int64_t free_us;       // when the link is done with what it was given
    int count;
    struct frame queue[QUEUE];
};

static long loss, duplicates, reordered, delay_us, rate, largest;
static long n_passed, n_lost, n_doubled, n_reordered, n_large;
static uint64_t seed;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static int happens(long in_thousand) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (long) (seed % 1000) < in_thousand;
}

static int plain(const char *name) {
    static const int features[] = {ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    for (unsigned i = 0; i < sizeof features / sizeof *features; i++) {
        struct ethtool_value value = {.cmd = features[i], .data = 0};
        struct ifreq request = {.ifr_data = (char *) &value};
        strncpy(request.ifr_name, name, IFNAMSIZ - 1);
        if (ioctl(fd, SIOCETHTOOL, &request) < 0 && i == 0) {
            fail("SIOCETHTOOL");
        }
    }
    return 0;
}

static int open_interface(const char *name) {
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = if_nametoindex(name)};
    struct packet_mreq all = {.mr_ifindex = address.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
    int on = 1, room = 64 << 20;
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address) < 0
            || setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) < 0
            || setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) < 0) {
        fail(name);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    return fd;
}

// In the order of when they are due; of those due at once, in that of their arrival.
static void enqueue(struct direction *link, int64_t due_us, const unsigned char *bytes, int length) {
    if (link->count == QUEUE) {
        n_lost++;
        return;
    }
    int at = link->count++;
    for (; at > 0 && link->queue[at - 1].due_us > due_us; at--) {
        link->queue[at] = link->queue[at - 1];
    }
    link->queue[at] = (struct frame) {due_us, length, malloc(length)};
    memcpy(link->queue[at].bytes, bytes, length);
}

static void take(struct direction *link) {
    static unsigned char bytes[MAX_FRAME];
    int length;
    for (int i = 0; i < BATCH && (length = recv(link->from, bytes, sizeof bytes, 0)) > 0; i++) {
        int64_t now = now_us();
        if (length < ETH_HLEN || bytes[12] != 0x08 || bytes[13] != 0x00) {
            enqueue(link, now, bytes, length); // addresses are found out as ever
        } else if (largest != 0 && length - ETH_HLEN > largest) {
            n_large++;
        } else if (happens(loss)) {
            n_lost++;
        } else {
            if (rate != 0) {
                link->free_us = (link->free_us > now ? link->free_us : now) + length * 1000000LL / rate;
            }
            int64_t due = (rate != 0 ? link->free_us : now) + delay_us;
            n_passed++;
            if (happens(reordered)) {
                n_reordered++;
                due += LATE_US;
            }
            enqueue(link, due, bytes, length);
            if (happens(duplicates)) {
                n_doubled++;
                enqueue(link, due, bytes, length);
            }
        }
    }
}

static void deliver(struct direction *link) {
    int done = 0;
    int64_t now = now_us();
    while (done < link->count && link->queue[done].due_us <= now) {
        struct frame *frame = &link->queue[done++];
        if (send(link->to, frame->bytes, frame->length, 0) < 0) {
            n_lost++; // the interface is down, or takes smaller packets by now
        }
        free(frame->bytes);
    }
    link->count -= done;
    memmove(link->queue, link->queue + done, link->count * sizeof *link->queue);
}

static int wait_ms(const struct direction *a, const struct direction *b) {
    int64_t next = INT64_MAX;
    if (a->count > 0) {
        next = a->queue[0].due_us;
    }
    if (b->count > 0 && b->queue[0].due_us < next) {
        next = b->queue[0].due_us;
    }
    int64_t left = next == INT64_MAX ? INT64_MAX : next - now_us();
    return left == INT64_MAX ? -1 : left <= 0 ? 0 : (int) (left / 1000 + 1);
}

static void command(void) {
    char line[256];
    if (!fgets(line, sizeof line, stdin)) {
        exit(0);
    }
    sscanf(line, "%ld %ld %ld %ld %ld %ld", &loss, &duplicates, &reordered, &delay_us, &rate, &largest);
    printf("%ld %ld %ld %ld %ld\n", n_passed, n_lost, n_doubled, n_reordered, n_large);
    fflush(stdout);
}

int main(int count, char **arguments) {
    if (count == 3) {
        return plain(arguments[2]);
    }
    static struct direction there, back;
    there.from = back.to = open_interface(arguments[1]);
    back.from = there.to = open_interface(arguments[2]);
    seed = strtoull(arguments[3], 0, 10) | 1;
    setvbuf(stdin, 0, _IONBF, 0);
    puts("relays");
    fflush(stdout);
    for (;;) {
        struct pollfd ready[] = {{0, POLLIN, 0}, {there.from, POLLIN, 0}, {back.from, POLLIN, 0}};
        poll(ready, 3, wait_ms(&there, &back));
        if (ready[0].revents != 0) {
            command();
        }
        take(&there);
        take(&back);
        deliver(&there);
        deliver(&back);
    }
}
