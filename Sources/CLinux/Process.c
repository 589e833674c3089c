#define _GNU_SOURCE
#include "CLinuxProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

// An executable on a dead network file system must not stop the caller for good.
#define EXECUTE_TIMEOUT_MILLISECONDS 10000

struct failure {
    int step;
    int error;
};

// Everything from here to `execve` runs in the child of a possibly multi-threaded process: system calls only, no allocation, and no glibc
// wrapper that would speak to other threads (setuid and its like do).

static void fail(int report, enum clinux_step step) {
    struct failure failure = {.step = step, .error = errno};
    ssize_t ignored = write(report, &failure, sizeof failure);
    (void)ignored;
    _exit(127);
}

static void reset_signals(void) {
    // The kernel's own structure, all zero: glibc's wrapper leaves out the two signals it uses itself, which a caller's caller may have ignored.
    uint64_t default_action[4] = {0};
    for (int signal = 1; signal < NSIG; signal++) syscall(SYS_rt_sigaction, signal, default_action, NULL, 8);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void write_decimal(char *place, pid_t number) {
    char digits[12];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0) *place++ = digits[--count];
    *place = 0;
}

// First all sources are moved above the places, so that placing one cannot overwrite another.
static int place_descriptors(const struct clinux_start *start, int *report) {
    int count = (int)start->descriptor_count;
    int moved[count > 0 ? count : 1];
    int above = count + 1;
    int moved_report = fcntl(*report, F_DUPFD_CLOEXEC, above);
    if (moved_report < 0) return -1;
    *report = moved_report;
    for (int i = 0; i < count; i++) {
        moved[i] = fcntl(start->descriptors[i], F_DUPFD_CLOEXEC, above);
        if (moved[i] < 0) return -1;
    }
    for (int i = 0; i < count; i++)
        if (dup2(moved[i], i) < 0) return -1;
    // Whatever the caller forgot to mark stays behind, too.
    syscall(SYS_close_range, (unsigned)count, ~0U, CLOSE_RANGE_CLOEXEC);
    return 0;
}

static void run_child(const struct clinux_start *start, int report, pid_t parent) {
    reset_signals();
    if (setsid() < 0) fail(report, CLINUX_STEP_SESSION);
    for (size_t i = 0; i < start->limit_count; i++) {
        struct rlimit limit = {.rlim_cur = start->limits[i].soft, .rlim_max = start->limits[i].hard};
        if (setrlimit(start->limits[i].resource, &limit) < 0) fail(report, CLINUX_STEP_LIMITS);
    }
    umask(start->umask);
    if (place_descriptors(start, &report) < 0) fail(report, CLINUX_STEP_DESCRIPTORS);
    if (start->identity) {
        const struct clinux_identity *identity = start->identity;
        if (syscall(SYS_setgroups, identity->group_count, identity->groups) < 0) fail(report, CLINUX_STEP_GROUPS);
        if (syscall(SYS_setresgid, identity->group, identity->group, identity->group) < 0) fail(report, CLINUX_STEP_GROUP);
        if (syscall(SYS_setresuid, identity->user, identity->user, identity->user) < 0) fail(report, CLINUX_STEP_USER);
    }
    if (start->directory && chdir(start->directory) < 0) fail(report, CLINUX_STEP_DIRECTORY);
    if (start->parent_death_signal) {
        // After the change of user, which clears it. A parent that died before has left us to another one.
        if (prctl(PR_SET_PDEATHSIG, start->parent_death_signal, 0, 0, 0) < 0) fail(report, CLINUX_STEP_PARENT);
        if (getppid() != parent) _exit(127);
    }
    if (start->listen_pid) write_decimal(start->listen_pid, getpid());
    execve(start->executable, start->arguments, start->environment);
    fail(report, CLINUX_STEP_EXECUTE);
}

// Like fork, with a pidfd and perhaps in a cgroup from the first moment.
static pid_t clone_process(int *pidfd, int cgroup) {
    struct clone_args arguments;
    memset(&arguments, 0, sizeof arguments);
    arguments.flags = CLONE_PIDFD;
    arguments.pidfd = (uint64_t)(uintptr_t)pidfd;
    arguments.exit_signal = SIGCHLD;
    if (cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)cgroup;
    }
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    // Containers that forbid clone3 (it cannot be filtered by its flags) answer ENOSYS; the old call does all but the cgroup.
    if (pid < 0 && errno == ENOSYS && cgroup < 0) pid = (pid_t)syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, pidfd, NULL, NULL);
    return pid;
}

static void await_execution(int report, struct clinux_started *started) {
    struct pollfd ready = {.fd = report, .events = POLLIN};
    int result;
    do {
        result = poll(&ready, 1, EXECUTE_TIMEOUT_MILLISECONDS);
    } while (result < 0 && errno == EINTR);
    if (result == 0) {
        started->failed_step = CLINUX_STEP_TIMEOUT;
        started->error = ETIMEDOUT;
        return;
    }
    struct failure failure = {0};
    ssize_t count;
    do {
        count = read(report, &failure, sizeof failure);
    } while (count < 0 && errno == EINTR);
    if (count == (ssize_t)sizeof failure) {
        started->failed_step = (enum clinux_step)failure.step;
        started->error = failure.error;
    }
}

int clinux_start_process(const struct clinux_start *start, struct clinux_started *started) {
    *started = (struct clinux_started){.pid = 0, .pidfd = -1, .failed_step = CLINUX_STEP_NONE, .error = 0};
    int report[2];
    if (pipe2(report, O_CLOEXEC) < 0) {
        started->failed_step = CLINUX_STEP_PIPE;
        return -(started->error = errno);
    }
    // No handler of the caller's may run in the child.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t pid = clone_process(&started->pidfd, start->cgroup);
    if (pid == 0) {
        run_child(start, report[1], parent);
        _exit(127);
    }
    int clone_error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    if (pid < 0) {
        close(report[0]);
        started->pidfd = -1;
        started->failed_step = CLINUX_STEP_CLONE;
        return -(started->error = clone_error);
    }
    started->pid = pid;
    await_execution(report[0], started);
    close(report[0]);
    if (started->failed_step == CLINUX_STEP_NONE) return 0;

    clinux_pidfd_send_signal(started->pidfd, SIGKILL);
    siginfo_t info;
    while (waitid(P_PIDFD, (id_t)started->pidfd, &info, WEXITED) < 0 && errno == EINTR) {}
    close(started->pidfd);
    started->pidfd = -1;
    return -started->error;
}

int clinux_try_cgroup(int cgroup) {
    int pidfd = -1;
    pid_t pid = clone_process(&pidfd, cgroup);
    if (pid == 0) _exit(0);
    if (pid < 0) return -errno;
    siginfo_t info;
    while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR) {}
    close(pidfd);
    return 0;
}

static int wait_for(idtype_t type, id_t id, bool reaps, struct clinux_exit *result) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid(type, id, &info, WEXITED | WNOHANG | (reaps ? 0 : WNOWAIT)) < 0) return -errno;
    if (info.si_pid == 0) return 0;
    *result = (struct clinux_exit){.pid = info.si_pid, .code = info.si_code, .status = info.si_status};
    return 1;
}

int clinux_wait_pidfd(int pidfd, bool reaps, struct clinux_exit *result) {
    return wait_for((idtype_t)P_PIDFD, (id_t)pidfd, reaps, result);
}

int clinux_wait_pid(pid_t pid, bool reaps, struct clinux_exit *result) {
    return wait_for(P_PID, (id_t)pid, reaps, result);
}

int clinux_wait_any(bool reaps, struct clinux_exit *result) {
    return wait_for(P_ALL, 0, reaps, result);
}

int clinux_pidfd_open(pid_t pid) {
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    return pidfd >= 0 ? pidfd : -errno;
}

int clinux_pidfd_send_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) == 0 ? 0 : -errno;
}

int clinux_become_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

static volatile int forwarding_descriptor = -1;

static void forward_signal(int signal) {
    int before = errno;
    unsigned char byte = (unsigned char)signal;
    ssize_t ignored = write(forwarding_descriptor, &byte, 1);
    (void)ignored;
    errno = before;
}

int clinux_forward_signals(const int *signals, size_t count, int descriptor) {
    forwarding_descriptor = descriptor;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = forward_signal;
    action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < count; i++)
        if (sigaction(signals[i], &action, NULL) < 0) return -errno;
    return 0;
}

int clinux_ignore_signal(int number) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_IGN;
    return sigaction(number, &action, NULL) == 0 ? 0 : -errno;
}
