// SPDX-License-Identifier: Apache-2.0
// A peer that passes file descriptors by a Unix domain socket, as any program would:
//   fd_peer send SOCKET FILE...   opens the files and sends them all with "abc", then "def", and waits for the end
//   fd_peer receive SOCKET        receives one descriptor and copies what it reads from it to the standard output
//   fd_peer timer SOCKET          sends a timerfd that expires every 10 ms, and waits for the end
//   fd_peer process SOCKET        sends a pidfd of a process, and ends that when a byte comes

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 253 };

static void check(int ok, const char *what) {
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static int connected(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    check(fd >= 0 && connect(fd, (struct sockaddr *) &address, sizeof(address)) == 0, "connect");
    return fd;
}

static void send_descriptors(int fd, int count, const int *descriptors) {
    union {
        char bytes[CMSG_SPACE(MOST * sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct iovec data = {"abc", 3};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes};
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
    check(sendmsg(fd, &message, 0) == 3, "sendmsg");
}

static void await_end(int fd) {
    char rest;
    while (read(fd, &rest, 1) > 0) {
    }
}

static void send_files(int fd, int count, char **files) {
    int descriptors[MOST];
    for (int i = 0; i < count; i++) {
        descriptors[i] = open(files[i], O_RDONLY);
        check(descriptors[i] >= 0, files[i]);
    }
    send_descriptors(fd, count, descriptors);
    check(send(fd, "def", 3, 0) == 3, "send");
    await_end(fd);
}

static void send_timer(int fd) {
    struct timespec often = {.tv_nsec = 10 * 1000 * 1000};
    struct itimerspec times = {.it_interval = often, .it_value = often};
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    check(timer >= 0 && timerfd_settime(timer, 0, &times, NULL) == 0, "timerfd");
    send_descriptors(fd, 1, &timer);
    await_end(fd);
}

static void send_process(int fd) {
    pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) {
        close(fd);
        pause();
        _exit(0);
    }
    int process = (int) syscall(SYS_pidfd_open, child, 0);
    check(process >= 0, "pidfd_open");
    send_descriptors(fd, 1, &process);
    char byte;
    check(recv(fd, &byte, 1, 0) == 1, "recv");
    check(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child, "kill");
    await_end(fd);
}

static void receive_file(int fd) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control;
    char byte;
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)};
    check(recvmsg(fd, &message, 0) == 1, "recvmsg");
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    check(header != NULL && header->cmsg_type == SCM_RIGHTS, "no descriptor came");
    int file;
    memcpy(&file, CMSG_DATA(header), sizeof(int));
    char text[4096];
    for (ssize_t length; (length = read(file, text, sizeof(text))) > 0;) {
        check(fwrite(text, 1, (size_t) length, stdout) == (size_t) length, "write");
    }
}

int main(int count, char **arguments) {
    int fd = connected(arguments[2]);
    if (strcmp(arguments[1], "send") == 0) {
        send_files(fd, count - 3, arguments + 3);
    } else if (strcmp(arguments[1], "timer") == 0) {
        send_timer(fd);
    } else if (strcmp(arguments[1], "process") == 0) {
        send_process(fd);
    } else {
        receive_file(fd);
    }
    return 0;
}
