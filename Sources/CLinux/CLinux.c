#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
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

int clinux_open_name(const char *path) {
    return clinux_open(path, O_PATH | O_CLOEXEC, 0);
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

double clinux_birth_time(int descriptor) {
    struct statx status;
    if (statx(descriptor, "", AT_EMPTY_PATH, STATX_BTIME, &status) < 0 || !(status.stx_mask & STATX_BTIME)) return 0;
    return (double)status.stx_btime.tv_sec + status.stx_btime.tv_nsec / 1e9;
}

int clinux_connect_datagram(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

static int send_memory_file(int socket, const struct iovec *vectors, int count) {
    int file = memfd_create("journal-entry", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    if (file < 0) return -errno;
    size_t size = 0;
    for (int i = 0; i < count; i++) size += vectors[i].iov_len;
    ssize_t written = writev(file, vectors, count);
    int result = 0;
    if (written < 0) {
        result = -errno;
    } else if ((size_t)written != size) {
        result = -ENOSPC;
    } else if (fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
        result = -errno;
    } else {
        union {
            struct cmsghdr header;
            char bytes[CMSG_SPACE(sizeof(int))];
        } control = {0};
        struct msghdr message = {.msg_control = &control, .msg_controllen = sizeof control};
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &file, sizeof file);
        if (sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) result = -errno;
    }
    close(file);
    return result;
}

int clinux_send_datagram(int socket, const struct clinux_part *parts, size_t count) {
    struct iovec vectors[CLINUX_MAXIMUM_PARTS];
    if (count > CLINUX_MAXIMUM_PARTS) return -EINVAL;
    for (size_t i = 0; i < count; i++) vectors[i] = (struct iovec){.iov_base = (void *)parts[i].start, .iov_len = parts[i].count};
    struct msghdr message = {.msg_iov = vectors, .msg_iovlen = count};
    if (sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return 0;
    if (errno != EMSGSIZE && errno != ENOBUFS) return -errno;
    return send_memory_file(socket, vectors, (int)count);
}

ptrdiff_t clinux_find(const void *bytes, size_t count, const void *pattern, size_t pattern_count) {
    const char *found = memmem(bytes, count, pattern, pattern_count);
    return found ? found - (const char *)bytes : -1;
}
