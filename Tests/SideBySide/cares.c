// c-ares as one of the clients of Tests/SideBySide/run, which tells what they read and write.

#define _GNU_SOURCE
#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

enum { values_max = 1024, value_length_max = 1100 };

static ares_channel channel;
static char values[values_max][value_length_max];
static int value_count;
static const char *error_word;

static int by_text(const void *a, const void *b) {
    return strcmp(a, b);
}

static const char *word_of(int status) {
    switch (status) {
    case ARES_SUCCESS: return NULL;
    case ARES_ENOTFOUND: return "NXDOMAIN";
    case ARES_ENODATA: return "NODATA";
    default: return "failure";
    }
}

// Until nothing is under way.
static void run(void) {
    for (;;) {
        fd_set readers, writers;
        struct timeval longest = {1, 0}, time;
        FD_ZERO(&readers);
        FD_ZERO(&writers);
        int count = ares_fds(channel, &readers, &writers);
        if (count == 0) return;
        select(count, &readers, &writers, NULL, ares_timeout(channel, &longest, &time));
        ares_process(channel, &readers, &writers);
    }
}

static void on_addresses(void *argument, int status, int timeouts, struct ares_addrinfo *result) {
    (void)argument, (void)timeouts;
    error_word = word_of(status);
    for (struct ares_addrinfo_node *one = result ? result->nodes : NULL; one && value_count < values_max;
         one = one->ai_next)
        getnameinfo(one->ai_addr, one->ai_addrlen, values[value_count++], value_length_max, NULL, 0, NI_NUMERICHOST);
    ares_freeaddrinfo(result);
}

static void on_host(void *argument, int status, int timeouts, struct hostent *host) {
    (void)argument, (void)timeouts;
    error_word = word_of(status);
    if (!error_word) snprintf(values[value_count++], value_length_max, "%s", host->h_name);
}

static void on_services(void *argument, int status, int timeouts, unsigned char *reply, int length) {
    (void)argument, (void)timeouts;
    struct ares_srv_reply *list = NULL;
    if (status == ARES_SUCCESS) status = ares_parse_srv_reply(reply, length, &list);
    error_word = word_of(status);
    for (struct ares_srv_reply *one = list; one && value_count < values_max; one = one->next)
        snprintf(values[value_count++], value_length_max, "%u/%u/%u/%s", one->priority, one->weight, one->port,
                 one->host);
    if (list) ares_free_data(list);
}

static void on_texts(void *argument, int status, int timeouts, unsigned char *reply, int length) {
    (void)argument, (void)timeouts;
    struct ares_txt_ext *list = NULL;
    if (status == ARES_SUCCESS) status = ares_parse_txt_reply_ext(reply, length, &list);
    error_word = word_of(status);
    for (struct ares_txt_ext *one = list; one && value_count < values_max; one = one->next) {
        if (one->record_start) values[value_count++][0] = 0;
        strncat(values[value_count - 1], (const char *)one->txt, value_length_max / 2);
    }
    if (list) ares_free_data(list);
}

static void answer(const char *kind, const char *name) {
    struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC};
    unsigned char address[16];
    value_count = 0;
    error_word = "no answer";
    if (!strcmp(kind, "services")) {
        ares_search(channel, name, ns_c_in, ns_t_srv, on_services, NULL);
    } else if (!strcmp(kind, "texts")) {
        ares_search(channel, name, ns_c_in, ns_t_txt, on_texts, NULL);
    } else if (!strcmp(kind, "names")) {
        int is_v6 = inet_pton(AF_INET6, name, address);
        if (!is_v6) inet_pton(AF_INET, name, address);
        ares_gethostbyaddr(channel, address, is_v6 ? 16 : 4, is_v6 ? AF_INET6 : AF_INET, on_host, NULL);
    } else {
        ares_getaddrinfo(channel, name, NULL, &hints, on_addresses, NULL);
    }
    run();
    printf("%s %s:", kind, name);
    if (error_word) printf(" %s", error_word);
    qsort(values, error_word ? 0 : (size_t)value_count, sizeof values[0], by_text);
    for (int i = 0; !error_word && i < value_count; i++) printf(" %s", values[i]);
    printf("\n");
    fflush(stdout);
}

struct work {
    int next, count, failed;
    const char *suffix;
};

static void look_up_next(struct work *work);

static void on_speed(void *argument, int status, int timeouts, struct ares_addrinfo *result) {
    struct work *work = argument;
    int found = 0;
    (void)status, (void)timeouts;
    for (struct ares_addrinfo_node *one = result ? result->nodes : NULL; one; one = one->ai_next) found++;
    ares_freeaddrinfo(result);
    work->failed += found != 2;
    look_up_next(work);
}

static void look_up_next(struct work *work) {
    struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC};
    char name[300];
    if (work->next >= work->count) return;
    snprintf(name, sizeof name, "n%d.%s", work->next++, work->suffix);
    ares_getaddrinfo(channel, name, NULL, &hints, on_speed, work);
}

static void measure(int count, int parallel, const char *suffix) {
    struct work work = {0, count, 0, suffix};
    struct timespec began, ended;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (int i = 0; i < parallel; i++) look_up_next(&work);
    run();
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("%d %d %f\n", count, work.failed,
           (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9);
}

int main(int count, char **words) {
    char kind[32], name[300];
    ares_library_init(ARES_LIB_INIT_ALL);
    // It does not read `timeout` and `attempts` of resolv.conf.
    struct ares_options options = {.timeout = 1000, .tries = 1};
    if (ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) != ARES_SUCCESS) return 1;
    if (count == 5 && !strcmp(words[1], "speed")) {
        measure(atoi(words[2]), atoi(words[3]), words[4]);
    } else {
        while (scanf("%31s %299s", kind, name) == 2) answer(kind, name);
    }
    ares_destroy(channel);
    return 0;
}
