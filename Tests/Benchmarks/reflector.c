// A bare packet reflector: the upper limit for a DNS server on this machine. It turns every datagram round with the
// QR bit set and looks at nothing else. One thread per core, each with its own SO_REUSEPORT socket, epoll, and
// batches of recvmmsg and sendmmsg, as a server would do it.
//
//   reflector ADDRESS PORT [THREADS]

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { batch_max = 64, datagram_bytes_max = 4096, threads_max = 256, receive_buffer_bytes = 4 * 1024 * 1024 };

static struct sockaddr_in address;

static void die(const char *what) {
    fprintf(stderr, "reflector: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_socket(void) {
    int one = 1, bytes = receive_buffer_bytes;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0) die("SO_REUSEPORT");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    return fd;
}

static void send_all(int fd, struct mmsghdr *messages, int count) {
    for (int sent = 0; sent < count;) {
        int n = sendmmsg(fd, messages + sent, (unsigned)(count - sent), 0);
        if (n > 0) sent += n;
        else if (errno != EINTR) return;  // a full send buffer loses the rest, as a server under load would
    }
}

static void reflect(int fd, struct mmsghdr *messages) {
    for (;;) {
        for (int i = 0; i < batch_max; i++) {
            messages[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
            messages[i].msg_hdr.msg_iov->iov_len = datagram_bytes_max;
        }
        int n = recvmmsg(fd, messages, batch_max, MSG_DONTWAIT, NULL);
        if (n <= 0) return;
        for (int i = 0; i < n; i++) {
            struct iovec *data = messages[i].msg_hdr.msg_iov;
            data->iov_len = messages[i].msg_len;
            if (messages[i].msg_len > 2) ((unsigned char *)data->iov_base)[2] |= 0x80;
        }
        send_all(fd, messages, n);
        if (n < batch_max) return;
    }
}

static void *work(void *unused) {
    (void)unused;
    int fd = open_socket(), poll = epoll_create1(EPOLL_CLOEXEC);
    if (poll < 0) die("epoll_create1");
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");

    struct mmsghdr *messages = calloc(batch_max, sizeof *messages);
    struct iovec *data = calloc(batch_max, sizeof *data);
    struct sockaddr_in *peers = calloc(batch_max, sizeof *peers);
    unsigned char *bytes = malloc((size_t)batch_max * datagram_bytes_max);
    if (!messages || !data || !peers || !bytes) die("memory");
    for (int i = 0; i < batch_max; i++) {
        data[i].iov_base = bytes + (size_t)i * datagram_bytes_max;
        messages[i].msg_hdr = (struct msghdr){.msg_name = &peers[i], .msg_iov = &data[i], .msg_iovlen = 1};
    }
    for (;;) {
        if (epoll_wait(poll, &event, 1, -1) > 0) reflect(fd, messages);
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: reflector ADDRESS PORT [THREADS]\n");
        return 2;
    }
    long threads = count > 3 ? atol(arguments[3]) : sysconf(_SC_NPROCESSORS_ONLN);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(arguments[2]));
    if (inet_pton(AF_INET, arguments[1], &address.sin_addr) != 1 || threads < 1 || threads > threads_max) {
        fprintf(stderr, "reflector: needs an IPv4 address, a port and 1 to %d threads\n", threads_max);
        return 2;
    }
    for (long i = 1; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, NULL) != 0) die("pthread_create");
    }
    work(NULL);
}
