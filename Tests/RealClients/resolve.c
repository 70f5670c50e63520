// What an ordinary program sees: getaddrinfo for each name, both families at once. Built with musl-gcc for Alpine's
// C library and with cc for the system's. Prints a line a name: its addresses in order of their text, or the error.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { addresses_max = 4096 };

static int by_text(const void *a, const void *b) {
    return strcmp(a, b);
}

static const char *error_name(int error) {
    switch (error) {
    case EAI_NONAME: return "EAI_NONAME";
#ifdef EAI_NODATA
    case EAI_NODATA: return "EAI_NODATA";
#endif
    case EAI_AGAIN: return "EAI_AGAIN";
    case EAI_FAIL: return "EAI_FAIL";
    default: return gai_strerror(error);
    }
}

static void resolve(const char *name) {
    static char texts[addresses_max][INET6_ADDRSTRLEN];
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list;
    int error = getaddrinfo(name, NULL, &hints, &list), count = 0;
    printf("%s", name);
    if (error) {
        printf(" %s\n", error_name(error));
        return;
    }
    for (struct addrinfo *one = list; one && count < addresses_max; one = one->ai_next) {
        const void *address = one->ai_family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)one->ai_addr)->sin6_addr
                                                         : (void *)&((struct sockaddr_in *)one->ai_addr)->sin_addr;
        inet_ntop(one->ai_family, address, texts[count++], INET6_ADDRSTRLEN);
    }
    freeaddrinfo(list);
    qsort(texts, (size_t)count, sizeof texts[0], by_text);
    for (int i = 0; i < count; i++) {
        if (i == 0 || strcmp(texts[i], texts[i - 1]) != 0) printf(" %s", texts[i]);
    }
    printf("\n");
}

int main(int count, char **names) {
    for (int i = 1; i < count; i++) resolve(names[i]);
    return 0;
}
