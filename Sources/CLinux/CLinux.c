#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAXIMUM_EVENTS 256

int clinux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : -errno;
}

int clinux_epoll_modify(int epoll, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0 ? 0 : -errno;
}

int clinux_epoll_remove(int epoll, int descriptor) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL) == 0 ? 0 : -errno;
}

int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int timeout_milliseconds) {
    struct epoll_event ready[MAXIMUM_EVENTS];
    int count = epoll_wait(epoll, ready, capacity < MAXIMUM_EVENTS ? capacity : MAXIMUM_EVENTS, timeout_milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) events[i] = (struct clinux_event){.token = ready[i].data.u64, .events = ready[i].events};
    return count;
}

int clinux_open(const char *path, int flags, mode_t mode) {
    int descriptor = open(path, flags, mode);
    return descriptor >= 0 ? descriptor : -errno;
}

int clinux_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno;
}

int clinux_control_pair(int ends[2]) {
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : -errno;
}

ssize_t clinux_get_attribute(const char *path, const char *name, void *value, size_t capacity) {
    ssize_t size = getxattr(path, name, value, capacity);
    return size >= 0 ? size : -errno;
}

int clinux_set_pipe_size(int descriptor, int size) {
    int result = fcntl(descriptor, F_SETPIPE_SZ, size);
    return result >= 0 ? result : -errno;
}

int clinux_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
    return 0;
}

ssize_t clinux_receive_from_sender(int socket, void *buffer, size_t capacity, struct clinux_sender *sender) {
    // Room for the credentials alone: descriptors that somebody sends along find none and are closed by the kernel.
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec data = {.iov_base = buffer, .iov_len = capacity};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t count = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (count < 0) return -errno;
    *sender = (struct clinux_sender){.pid = 0, .user = (uid_t)-1};
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_CREDENTIALS) continue;
        struct ucred credentials;
        memcpy(&credentials, CMSG_DATA(header), sizeof credentials);
        *sender = (struct clinux_sender){.pid = credentials.pid, .user = credentials.uid};
    }
    return count;
}
