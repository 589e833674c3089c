#pragma once

// Variadic and packed things that Swift cannot call or import well. Each function returns what it says or -errno.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct clinux_event {
    uint64_t token;
    uint32_t events;
};

int clinux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token);
int clinux_epoll_modify(int epoll, int descriptor, uint32_t events, uint64_t token);
int clinux_epoll_remove(int epoll, int descriptor);
// The count of events; 0 as well when a signal came in between.
int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int timeout_milliseconds);

int clinux_pipe(int ends[2]);
int clinux_control_pair(int ends[2]);
int clinux_open(const char *path, int flags, mode_t mode);
// A descriptor that only names the file (O_PATH), for one that may be executed but not read.
int clinux_open_name(const char *path);
// When the file was made, in Unix seconds; 0 where the file system does not say.
double clinux_birth_time(int descriptor);
// The size of the attribute's value.
ssize_t clinux_get_attribute(const char *path, const char *name, void *value, size_t capacity);
// The size the pipe has now.
int clinux_set_pipe_size(int descriptor, int size);
int clinux_set_nonblocking(int descriptor);

struct clinux_sender {
    pid_t pid;
    uid_t user;
};

// One datagram with its sender as the kernel vouches for it (SO_PASSCRED must be set). The count of bytes.
ssize_t clinux_receive_from_sender(int socket, void *buffer, size_t capacity, struct clinux_sender *sender);

// Connected to a datagram socket at this path, and non-blocking.
int clinux_connect_datagram(const char *path);

struct clinux_part {
    const void *start;
    size_t count;
};

#define CLINUX_MAXIMUM_PARTS 8

// One datagram made of at most CLINUX_MAXIMUM_PARTS parts. One that is too big is sent as a sealed memory file, as the journal takes it.
// 0 or -errno.
int clinux_send_datagram(int socket, const struct clinux_part *parts, size_t count);

// Where the pattern begins, or -1.
ptrdiff_t clinux_find(const void *bytes, size_t count, const void *pattern, size_t pattern_count);
