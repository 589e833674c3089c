#pragma once

// Starting a process and holding on to it: clone3, pidfds, waitid. Each function returns 0 (or what it says) or -errno.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

static const int CLINUX_LIMIT_OPEN_FILES = RLIMIT_NOFILE;
static const int CLINUX_LIMIT_DATA = RLIMIT_DATA;
static const int CLINUX_LIMIT_PROCESSES = RLIMIT_NPROC;
static const int CLINUX_LIMIT_REAL_TIME = RLIMIT_RTTIME;

struct clinux_limit {
    int resource;
    uint64_t soft;
    uint64_t hard;
};

struct clinux_identity {
    uid_t user;
    gid_t group;
    const gid_t *groups;
    size_t group_count;
};

struct clinux_start {
    const char *executable;
    char *const *arguments;
    char *const *environment;
    // Where in one of the environment's strings the child writes its pid in decimals (at least 11 bytes of room), or NULL.
    char *listen_pid;
    const char *directory;
    // NULL keeps the caller's.
    const struct clinux_identity *identity;
    mode_t umask;
    const struct clinux_limit *limits;
    size_t limit_count;
    // descriptors[i] becomes descriptor i of the child; it gets no others.
    const int *descriptors;
    size_t descriptor_count;
    // A directory of cgroup2 in which the child is born, or -1.
    int cgroup;
    // Files cgroup.procs of cgroup1 that the child joins before anything else, since it cannot be born there.
    const int *joined;
    size_t joined_count;
    // The signal the child gets when the thread that starts it ends; 0 is none. Sound only if that thread lives as long as the process.
    int parent_death_signal;
};

enum clinux_step {
    CLINUX_STEP_NONE,
    CLINUX_STEP_PIPE,
    CLINUX_STEP_CLONE,
    CLINUX_STEP_SESSION,
    CLINUX_STEP_JOIN,
    CLINUX_STEP_LIMITS,
    CLINUX_STEP_DESCRIPTORS,
    CLINUX_STEP_GROUPS,
    CLINUX_STEP_GROUP,
    CLINUX_STEP_USER,
    CLINUX_STEP_DIRECTORY,
    CLINUX_STEP_PARENT,
    CLINUX_STEP_EXECUTE,
    CLINUX_STEP_TIMEOUT,
};

struct clinux_started {
    pid_t pid;
    int pidfd;
    // Where it failed and why; the child is reaped then.
    enum clinux_step failed_step;
    int error;
};

// Starts a process as the leader of a new session, with default signal handlers and an empty signal mask, and returns once it executes.
int clinux_start_process(const struct clinux_start *start, struct clinux_started *started);

// Whether a child can be born in this cgroup: 0 or -errno.
int clinux_try_cgroup(int cgroup);

struct clinux_exit {
    pid_t pid;
    // CLD_EXITED, CLD_KILLED or CLD_DUMPED
    int code;
    int status;
};

// 1 when it has ended, 0 when not. `reaps` false leaves the zombie, so that its pid is not used again.
int clinux_wait_pidfd(int pidfd, bool reaps, struct clinux_exit *result);
int clinux_wait_pid(pid_t pid, bool reaps, struct clinux_exit *result);
int clinux_wait_any(bool reaps, struct clinux_exit *result);

int clinux_pidfd_open(pid_t pid);
int clinux_pidfd_send_signal(int pidfd, int signal);

// The hard limit of a process.
int clinux_get_limit(pid_t pid, int resource, uint64_t *hard);

int clinux_become_subreaper(void);

// From now on each of these signals, wherever it is delivered, is written as one byte to `descriptor`, which must not block. Handlers
// instead of a signalfd, because other threads of the process may not have the signals blocked.
int clinux_forward_signals(const int *signals, size_t count, int descriptor);
int clinux_ignore_signal(int signal);
