#define _GNU_SOURCE
#include "CLinuxProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

// Of a child until it executes; of its guard below. The largest thing on it are the places of its descriptors.
#define CHILD_STACK_SIZE (64 << 10)
#define GUARD_SIZE (4 << 10)

struct failure {
    int step;
    int error;
};

// Everything from here to `execve` runs in the child of a possibly multi-threaded process, in the parent's memory while the parent waits:
// system calls only, no allocation, and no glibc wrapper that would speak to other threads (setuid and its like do).

static void fail(int report, enum clinux_step step) {
    struct failure failure = {.step = step, .error = errno};
    ssize_t ignored = write(report, &failure, sizeof failure);
    (void)ignored;
    _exit(127);
}

static void reset_signals(void) {
    // The kernel's own structure, all zero: glibc's wrapper leaves out the two signals it uses itself, which may have been ignored.
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
    for (size_t i = 0; i < start->joined_count; i++)
        if (write(start->joined[i], "0", 1) != 1) fail(report, CLINUX_STEP_JOIN);
    if (setsid() < 0) fail(report, CLINUX_STEP_SESSION);
    umask(start->umask);
    // Before the limits: the caller may hold more descriptors than the child may open, and the copies come to lie above them.
    if (place_descriptors(start, &report) < 0) fail(report, CLINUX_STEP_DESCRIPTORS);
    for (size_t i = 0; i < start->limit_count; i++) {
        struct rlimit limit = {.rlim_cur = start->limits[i].soft, .rlim_max = start->limits[i].hard};
        if (setrlimit(start->limits[i].resource, &limit) < 0) fail(report, CLINUX_STEP_LIMITS);
    }
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

struct birth {
    const struct clinux_start *start;
    int report;
    pid_t parent;
};

static void begin_child(const struct birth *birth) {
    run_child(birth->start, birth->report, birth->parent);
    _exit(127);
}

// clone3 of a child that shares the caller's memory and begins in `begin_child` on its own stack: nothing is copied, however much there is.
// Returns its pid or -errno, and -ENOSYS where this is not written for the machine.
static long clone_sharing_memory(struct clone_args *arguments, const struct birth *birth) {
#if defined(__x86_64__)
    long result;
    __asm__ volatile(
        "syscall\n\t"
        "testq %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "xorl %%ebp, %%ebp\n\t"
        "movq %[birth], %%rdi\n\t"
        "call *%[begin]\n\t"
        "hlt\n"
        "1:"
        : "=a"(result)
        : "0"((long)SYS_clone3), "D"(arguments), "S"(sizeof *arguments), [begin] "r"(begin_child), [birth] "r"(birth)
        : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = SYS_clone3;
    register long x0 __asm__("x0") = (long)arguments;
    register long x1 __asm__("x1") = sizeof *arguments;
    __asm__ volatile(
        "svc #0\n\t"
        "cbnz x0, 1f\n\t"
        "mov x29, #0\n\t"
        "mov x30, #0\n\t"
        "mov x0, %[birth]\n\t"
        "blr %[begin]\n\t"
        "brk #1\n"
        "1:"
        : "+r"(x0)
        : "r"(x8), "r"(x1), [begin] "r"(begin_child), [birth] "r"(birth)
        : "memory");
    return x0;
#else
    (void)arguments;
    (void)birth;
    return -ENOSYS;
#endif
}

// With a pidfd and perhaps in a cgroup from the first moment; like fork where `birth` is NULL. The pid (0 in a forked child) or -errno.
static pid_t clone_process(int *pidfd, int cgroup, const struct birth *birth, void *stack) {
    struct clone_args arguments;
    memset(&arguments, 0, sizeof arguments);
    arguments.flags = CLONE_PIDFD;
    arguments.pidfd = (uint64_t)(uintptr_t)pidfd;
    arguments.exit_signal = SIGCHLD;
    if (cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)cgroup;
    }
    if (birth && stack) {
        struct clone_args sharing = arguments;
        sharing.flags |= CLONE_VM;
        sharing.stack = (uint64_t)(uintptr_t)stack;
        sharing.stack_size = CHILD_STACK_SIZE;
        long pid = clone_sharing_memory(&sharing, birth);
        if (pid != -ENOSYS) return (pid_t)pid;
    }
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    // Containers that forbid clone3 (it cannot be filtered by its flags) answer ENOSYS; the old call does all but the cgroup.
    if (pid < 0 && errno == ENOSYS && cgroup < 0) pid = (pid_t)syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, pidfd, NULL, NULL);
    if (pid == 0 && birth) begin_child(birth);
    return pid < 0 ? -errno : pid;
}

// The child's errno is the caller's as long as they share their memory, so a failure's number is not looked at.
static void await_execution(int report, struct clinux_started *started) {
    struct pollfd ready = {.fd = report, .events = POLLIN};
    int result;
    do {
        result = poll(&ready, 1, EXECUTE_TIMEOUT_MILLISECONDS);
    } while (result < 0);
    if (result == 0) {
        started->failed_step = CLINUX_STEP_TIMEOUT;
        started->error = ETIMEDOUT;
        return;
    }
    struct failure failure = {0};
    ssize_t count;
    do {
        count = read(report, &failure, sizeof failure);
    } while (count < 0);
    if (count == (ssize_t)sizeof failure) {
        started->failed_step = (enum clinux_step)failure.step;
        started->error = failure.error;
    }
}

static pthread_once_t dumpable_once = PTHREAD_ONCE_INIT;
static int was_dumpable;

static void read_dumpable(void) { was_dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1; }

static int fail_start(struct clinux_started *started, enum clinux_step step, int error) {
    started->pidfd = -1;
    started->failed_step = step;
    started->error = error;
    return -error;
}

int clinux_start_process(const struct clinux_start *start, struct clinux_started *started) {
    *started = (struct clinux_started){.pid = 0, .pidfd = -1, .failed_step = CLINUX_STEP_NONE, .error = 0};
    int report[2];
    if (pipe2(report, O_CLOEXEC) < 0) return fail_start(started, CLINUX_STEP_PIPE, errno);
    char *memory = mmap(NULL, GUARD_SIZE + CHILD_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) {
        int error = errno;
        close(report[0]);
        close(report[1]);
        return fail_start(started, CLINUX_STEP_CLONE, error);
    }
    mprotect(memory, GUARD_SIZE, PROT_NONE);
    // A child that takes on another user makes the memory it shares with the caller one that cannot be dumped or traced. How it was is asked
    // once, before the first of them: of two that start at a time each would see what the other's child has made of it.
    if (start->identity) pthread_once(&dumpable_once, read_dumpable);
    // No handler of the caller's may run in the child, nor in the caller while both have one errno.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct birth birth = {.start = start, .report = report[1], .parent = getpid()};
    pid_t pid = clone_process(&started->pidfd, start->cgroup, &birth, memory + GUARD_SIZE);
    close(report[1]);
    if (pid < 0) {
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        close(report[0]);
        munmap(memory, GUARD_SIZE + CHILD_STACK_SIZE);
        return fail_start(started, CLINUX_STEP_CLONE, -pid);
    }
    started->pid = pid;
    await_execution(report[0], started);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[0]);
    if (started->failed_step != CLINUX_STEP_NONE) {
        clinux_pidfd_send_signal(started->pidfd, SIGKILL);
        siginfo_t info;
        // One that hangs in the kernel never comes back to its stack, which stays: it is reaped with the strays when it is gone.
        bool hangs = started->failed_step == CLINUX_STEP_TIMEOUT;
        while (!hangs && waitid(P_PIDFD, (id_t)started->pidfd, &info, WEXITED) < 0 && errno == EINTR) {}
        close(started->pidfd);
        started->pidfd = -1;
        if (hangs) return -started->error;
    }
    munmap(memory, GUARD_SIZE + CHILD_STACK_SIZE);
    if (start->identity && was_dumpable) prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    return -started->error;
}

int clinux_try_cgroup(int cgroup) {
    int pidfd = -1;
    pid_t pid = clone_process(&pidfd, cgroup, NULL, NULL);
    if (pid == 0) _exit(0);
    if (pid < 0) return pid;
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

int clinux_get_limit(pid_t pid, int resource, uint64_t *hard) {
    struct rlimit limit;
    if (prlimit(pid, resource, NULL, &limit) < 0) return -errno;
    *hard = limit.rlim_max;
    return 0;
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
