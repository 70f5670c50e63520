#ifndef CLINUX_H
#define CLINUX_H

// What Glibc's module hides behind _GNU_SOURCE, and the macros that Swift cannot call.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
// Dispatch's module sees fd_set as it is without _GNU_SOURCE; the two definitions must agree.
#include <features.h>
#undef __USE_XOPEN
#include <sys/select.h>
#define __USE_XOPEN 1
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <malloc.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// Room for one IPV6_PKTINFO or IP_PKTINFO control message, the only one that our sockets ask for.
#define CLINUX_CONTROL_LENGTH 64

// Copies the destination address out of a received control buffer; `family` tells which of the two it found, 0 none.
static inline int clinux_destination(const struct msghdr *header, void *address, unsigned *interface) {
    for (struct cmsghdr *message = CMSG_FIRSTHDR(header); message;
         message = CMSG_NXTHDR((struct msghdr *)header, message)) {
        if (message->cmsg_level == IPPROTO_IPV6 && message->cmsg_type == IPV6_PKTINFO) {
            const struct in6_pktinfo *info = (const struct in6_pktinfo *)CMSG_DATA(message);
            memcpy(address, &info->ipi6_addr, 16);
            *interface = info->ipi6_ifindex;
            return AF_INET6;
        }
        if (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_PKTINFO) {
            const struct in_pktinfo *info = (const struct in_pktinfo *)CMSG_DATA(message);
            memcpy(address, &info->ipi_addr, 4);
            *interface = (unsigned)info->ipi_ifindex;
            return AF_INET;
        }
    }
    return 0;
}

// Writes a control message that makes the kernel send from `address`; returns the control length to pass on.
static inline size_t clinux_set_source(void *control, int family, const void *address, unsigned interface) {
    struct cmsghdr *message = (struct cmsghdr *)control;
    if (family == AF_INET6) {
        struct in6_pktinfo info;
        memcpy(&info.ipi6_addr, address, 16);
        info.ipi6_ifindex = interface;
        message->cmsg_level = IPPROTO_IPV6;
        message->cmsg_type = IPV6_PKTINFO;
        message->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(message), &info, sizeof info);
        return CMSG_SPACE(sizeof info);
    }
    struct in_pktinfo info;
    memset(&info, 0, sizeof info);
    memcpy(&info.ipi_spec_dst, address, 4);
    message->cmsg_level = IPPROTO_IP;
    message->cmsg_type = IP_PKTINFO;
    message->cmsg_len = CMSG_LEN(sizeof info);
    memcpy(CMSG_DATA(message), &info, sizeof info);
    return CMSG_SPACE(sizeof info);
}

// With _GNU_SOURCE these take a transparent union, which Swift cannot make.
static inline int clinux_bind(int descriptor, const void *address, socklen_t length) {
    return bind(descriptor, (const struct sockaddr *)address, length);
}

static inline int clinux_connect(int descriptor, const void *address, socklen_t length) {
    return connect(descriptor, (const struct sockaddr *)address, length);
}

static inline int clinux_accept(int descriptor, void *address, socklen_t *length, int flags) {
    return accept4(descriptor, (struct sockaddr *)address, length, flags);
}

static inline int clinux_local_address(int descriptor, void *address, socklen_t *length) {
    return getsockname(descriptor, (struct sockaddr *)address, length);
}

// CPU_COUNT is a macro over a type that Swift imports as a large tuple.
static inline int clinux_usable_cores(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

// A descriptor that becomes readable when the process ends; glibc 2.35 and older have no name for it.
static inline int clinux_open_process(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

// A pipe of which the reader does not wait, and whoever is started inherits nothing.
static inline int clinux_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static inline int clinux_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

// `NAME=value` of this process, ended by a null pointer; Swift takes the variable for one that anybody may change.
static inline char **clinux_environment(void) {
    return environ;
}

// How many packets the kernel dropped because nobody took them in time: the last of the numbers of SO_MEMINFO.
static inline uint32_t clinux_dropped_packets(int socket) {
    uint32_t numbers[9] = {0};
    socklen_t length = sizeof numbers;
    return getsockopt(socket, SOL_SOCKET, SO_MEMINFO, numbers, &length) == 0 ? numbers[8] : 0;
}

// Makes the capability to bind ports below 1024 effective where it is permitted, in this thread and those that it
// starts later. The image's program has it as permitted only: see docker/collect. Nothing is reported: `bind` will tell.
static inline void clinux_raise_bind_capability(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    const uint32_t bit = CAP_TO_MASK(CAP_NET_BIND_SERVICE);
    if (syscall(SYS_capget, &header, sets) != 0) return;
    if ((sets[0].permitted & bit) == 0 || (sets[0].effective & bit) != 0) return;
    sets[0].effective |= bit;
    (void)syscall(SYS_capset, &header, sets);
}

static inline uint64_t clinux_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

#endif
