// How long changes of a cluster take to be answered by every worker of a DNS server.
//
//   arrivals PORT SOCKETS < what TestAPIServer prints while it churns
//
// Reads lines of JSON with the "name" that a change gave an "address" to, and when, as "ns" of CLOCK_MONOTONIC; asks
// the server on 127.0.0.1 over and over, from many ports at once so that the system spreads the questions over all
// workers, until an answer has come to each port that shows the change. Ends at the line that has "done". Between
// changes it waits for the next line and takes no time of the machine.
//
// Prints one line for each change: how many nanoseconds after it was written the last port had the answer, or -1
// where that took more than half a second.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { sockets_max = 64, message_bytes_max = 512, answer_bytes_max = 4096 };
enum { patience_ms = 500, resend_ms = 20, pass_us = 100 };

struct port {
    int fd;
    uint16_t id;      // of the question that is out
    uint64_t asked;   // when, or 0
    int has_arrived;
};

static struct port ports[sockets_max];
static int count;

static void die(const char *what) {
    fprintf(stderr, "arrivals: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void open_ports(uint16_t number) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(number)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < count; i++) {
        ports[i].fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (ports[i].fd < 0) die("socket");
        if (connect(ports[i].fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
    }
}

// A question for the A records of a name; its length, or 0 if the name is none.
static size_t question(unsigned char *message, const char *name) {
    static const unsigned char header[12] = {0, 0, 1, 0, 0, 1};
    static const unsigned char type_and_class[5] = {0, 0, 1, 0, 1};
    memcpy(message, header, sizeof header);
    size_t at = sizeof header;
    while (*name) {
        size_t length = strcspn(name, ".");
        if (length == 0 || length > 63 || at + length + 1 + sizeof type_and_class > message_bytes_max) return 0;
        message[at++] = (unsigned char)length;
        memcpy(message + at, name, length);
        at += length;
        name += length + (name[length] == '.');
    }
    memcpy(message + at, type_and_class, sizeof type_and_class);
    return at + sizeof type_and_class;
}

static void ask(struct port *port, unsigned char *message, size_t length, uint64_t time) {
    port->id++;
    message[0] = (unsigned char)(port->id >> 8);
    message[1] = (unsigned char)port->id;
    if (send(port->fd, message, length, 0) == (ssize_t)length) port->asked = time;
}

// Whether the one record of an answer has the address: it is the last four bytes.
static int shows(const unsigned char *answer, size_t length, const unsigned char *address) {
    int is_found = (answer[3] & 15) == 0 && answer[6] == 0 && answer[7] == 1;
    return is_found && length > 16 && memcmp(answer + length - 4, address, 4) == 0;
}

// Takes the answer, if it has come.
static void hear(struct port *port, const unsigned char *address) {
    unsigned char answer[answer_bytes_max];
    ssize_t length = recv(port->fd, answer, sizeof answer, 0);
    if (length < 12 || (answer[0] << 8 | answer[1]) != port->id) return;
    port->asked = 0;
    port->has_arrived = shows(answer, (size_t)length, address);
}

static int wait_for_all(unsigned char *message, size_t length, const unsigned char *address, uint64_t end) {
    int missing = count;
    for (int i = 0; i < count; i++) ports[i].asked = 0, ports[i].has_arrived = 0;
    while (missing > 0) {
        uint64_t time = now();
        if (time > end) return 0;
        for (int i = 0; i < count; i++) {
            struct port *port = &ports[i];
            if (port->has_arrived) continue;
            if (port->asked) {
                hear(port, address);
                missing -= port->has_arrived;
            }
            int is_lost = port->asked && time > port->asked + resend_ms * 1000000ull;
            if (!port->has_arrived && (!port->asked || is_lost)) ask(port, message, length, time);
        }
        if (missing > 0) usleep(pass_us);  // leaves the machine to those who are measured
    }
    return 1;
}

// The text of a member of a line of JSON, as TestAPIServer writes it.
static int member(const char *line, const char *key, char *text, size_t size) {
    const char *found = strstr(line, key);
    if (!found) return 0;
    found += strlen(key);
    size_t length = strcspn(found, "\",}");
    if (length == 0 || length >= size) return 0;
    memcpy(text, found, length);
    text[length] = 0;
    return 1;
}

static void follow(const char *line) {
    char name[256], address[64], time[32];
    unsigned char message[message_bytes_max], bytes[4];
    if (!member(line, "\"name\":\"", name, sizeof name) || !member(line, "\"ns\":", time, sizeof time)) return;
    if (!member(line, "\"address\":\"", address, sizeof address) || inet_pton(AF_INET, address, bytes) != 1) return;
    size_t length = question(message, name);
    if (length == 0) return;
    uint64_t written = strtoull(time, NULL, 10);
    // Counted from when it was written, so that one that does not arrive delays the next ones for a moment only.
    int has_arrived = wait_for_all(message, length, bytes, written + patience_ms * 1000000ull);
    printf("%lld\n", has_arrived ? (long long)(now() - written) : -1ll);
}

int main(int argument_count, char **arguments) {
    long number = argument_count > 1 ? atol(arguments[1]) : 0;
    count = argument_count > 2 ? atoi(arguments[2]) : 0;
    if (number < 1 || number > 65535 || count < 1 || count > sockets_max) {
        fprintf(stderr, "usage: arrivals PORT SOCKETS (1 to %d) < changes\n", sockets_max);
        return 2;
    }
    open_ports((uint16_t)number);
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0 && !strstr(line, "\"done\"")) follow(line);
    free(line);
}
