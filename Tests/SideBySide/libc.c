// The C library as one of the clients of Tests/SideBySide/run, which tells what they read and write: getaddrinfo,
// getnameinfo, and res_search for services and texts.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <pthread.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { values_max = 1024, value_length_max = 1100, threads_max = 256 };

static char values[values_max][value_length_max];
static int value_count;

static int by_text(const void *a, const void *b) {
    return strcmp(a, b);
}

static const char *word_of(int error) {
    switch (error) {
    case EAI_NONAME: return "NXDOMAIN";
    case EAI_NODATA: return "NODATA";
    default: return "failure";
    }
}

static const char *addresses(const char *name) {
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list;
    int error = getaddrinfo(name, NULL, &hints, &list);
    if (error) return word_of(error);
    for (struct addrinfo *one = list; one && value_count < values_max; one = one->ai_next)
        getnameinfo(one->ai_addr, one->ai_addrlen, values[value_count++], value_length_max, NULL, 0, NI_NUMERICHOST);
    freeaddrinfo(list);
    return NULL;
}

static const char *names(const char *text) {
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST}, *list;
    if (getaddrinfo(text, NULL, &hints, &list)) return "failure";
    int error = getnameinfo(list->ai_addr, list->ai_addrlen, values[0], value_length_max, NULL, 0, NI_NAMEREQD);
    freeaddrinfo(list);
    if (error) return word_of(error);
    value_count = 1;
    return NULL;
}

static void add_record(ns_msg *message, ns_rr *record) {
    const unsigned char *data = ns_rr_rdata(*record), *end = data + ns_rr_rdlen(*record);
    char *value = values[value_count];
    char target[1025];
    if (ns_rr_type(*record) == ns_t_srv) {
        dn_expand(ns_msg_base(*message), ns_msg_end(*message), data + 6, target, sizeof target);
        snprintf(value, value_length_max, "%u/%u/%u/%.1000s", ns_get16(data), ns_get16(data + 2), ns_get16(data + 4),
                 target);
        value_count++;
    } else if (ns_rr_type(*record) == ns_t_txt) {
        int length = 0;
        for (; data < end && length + data[0] < value_length_max; data += 1 + data[0])
            length += snprintf(value + length, (size_t)(value_length_max - length), "%.*s", data[0], data + 1);
        value_count++;
    }
}

static const char *records(const char *name, int type) {
    static unsigned char reply[65535];
    int length = res_search(name, ns_c_in, type, reply, sizeof reply);
    if (length < 0) return h_errno == HOST_NOT_FOUND ? "NXDOMAIN" : h_errno == NO_DATA ? "NODATA" : "failure";
    ns_msg message;
    if (ns_initparse(reply, length, &message)) return "failure";
    for (int i = 0; i < ns_msg_count(message, ns_s_an) && value_count < values_max; i++) {
        ns_rr record;
        if (!ns_parserr(&message, ns_s_an, i, &record)) add_record(&message, &record);
    }
    return value_count ? NULL : "NODATA";
}

static void answer(const char *kind, const char *name) {
    value_count = 0;
    const char *error = !strcmp(kind, "names")      ? names(name)
                        : !strcmp(kind, "services") ? records(name, ns_t_srv)
                        : !strcmp(kind, "texts")    ? records(name, ns_t_txt)
                                                    : addresses(name);
    printf("%s %s:", kind, name);
    if (error) printf(" %s", error);
    qsort(values, error ? 0 : (size_t)value_count, sizeof values[0], by_text);
    for (int i = 0; !error && i < value_count; i++) printf(" %s", values[i]);
    printf("\n");
    fflush(stdout);
}

struct work {
    int worker, count, parallel, failed;
    const char *suffix;
};

static void *look_up(void *argument) {
    struct work *work = argument;
    for (int number = work->worker; number < work->count; number += work->parallel) {
        char name[300];
        int found = 0;
        snprintf(name, sizeof name, "n%d.%s", number, work->suffix);
        struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list;
        if (getaddrinfo(name, NULL, &hints, &list) == 0) {
            for (struct addrinfo *one = list; one; one = one->ai_next) found++;
            freeaddrinfo(list);
        }
        work->failed += found != 2;
    }
    return NULL;
}

static void measure(int count, int parallel, const char *suffix) {
    static struct work works[threads_max];
    pthread_t threads[threads_max];
    struct timespec began, ended;
    int failed = 0;
    if (parallel > threads_max) parallel = threads_max;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (int i = 0; i < parallel; i++) {
        works[i] = (struct work){i, count, parallel, 0, suffix};
        pthread_create(&threads[i], NULL, look_up, &works[i]);
    }
    for (int i = 0; i < parallel; i++) {
        pthread_join(threads[i], NULL);
        failed += works[i].failed;
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("%d %d %f\n", count, failed,
           (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9);
}

int main(int count, char **words) {
    char kind[32], name[300];
    if (count == 5 && !strcmp(words[1], "speed")) {
        measure(atoi(words[2]), atoi(words[3]), words[4]);
    } else {
        while (scanf("%31s %299s", kind, name) == 2) answer(kind, name);
    }
    return 0;
}
