// The services of the fault tests: FaultTestHost MODE [argument …]. In C, so that hundreds start within a moment and cost next to nothing.
//
// Whatever a process did it writes down itself, in the folder `facts` beside the state directory, for the tests to hold against what
// Signalbox says:
//   NAME.starts   a line with the pid of each process that was started as NAME, a service's instance such as order.1
//   NAME.ends     a line with the pid and the status or signal with which it is about to end
//   doubles       a line for each process that found another one of its instance alive
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char facts[512];
static char name[256];
static volatile sig_atomic_t is_told_to_stop;

static void told_to_stop(int signal) { is_told_to_stop = signal; }

static sigset_t unblocked;

// TERM is let in only while a process waits with the mask `unblocked`, so that none is missed between a look and a wait.
static void catch_stop(void) {
    struct sigaction action = {.sa_handler = told_to_stop};
    sigaction(SIGTERM, &action, NULL);
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, &unblocked);
}

static void nap(long microseconds) {
    struct timespec time = {.tv_sec = microseconds / 1000000, .tv_nsec = microseconds % 1000000 * 1000};
    nanosleep(&time, NULL);
}

static void note(const char *file, const char *format, ...) {
    char path[1024], line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    snprintf(path, sizeof path, "%s/%s", facts, file);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (descriptor < 0 || write(descriptor, line, length) != length) _exit(99);
    close(descriptor);
}

static void note_own(const char *ending, const char *format, int value) {
    char file[300];
    snprintf(file, sizeof file, "%s.%s", name, ending);
    note(file, format, getpid(), value);
}

static int count_own(const char *ending) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s.%s", facts, name, ending);
    FILE *file = fopen(path, "re");
    int count = 0;
    for (int c; file && (c = getc(file)) != EOF;) count += c == '\n';
    if (file) fclose(file);
    return count;
}

// A record lock is the process's own: it is gone when the process is, and its children do not have it.
static void begin(void) {
    const char *state = getenv("SIGNALBOX_STATE"), *service = getenv("SIGNALBOX_SERVICE"), *instance = getenv("SIGNALBOX_INSTANCE");
    if (!state || !service || !instance) return;
    snprintf(facts, sizeof facts, "%s/../facts", state);
    snprintf(name, sizeof name, "%s.%s", service, instance);
    if (!getenv("FAULTS_OVERLAP")) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s.lock", facts, name);
        int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        if (descriptor < 0 || fcntl(descriptor, F_SETLK, &lock) != 0) note("doubles", "%s %d\n", name, getpid());
    }
    note_own("starts", "%d\n", 0);
}

static void say(const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (int written = 0; written < length;) {
        ssize_t count = write(STDOUT_FILENO, line + written, length - written);
        if (count < 0 && errno != EINTR) _exit(98);
        if (count > 0) written += count;
    }
}

static int argument(int count, char **arguments, int index, int otherwise) {
    return index < count ? atoi(arguments[index]) : otherwise;
}

// talk [MICROSECONDS]: numbered lines for ever; the last one says how many there were.
static int talk(int interval) {
    catch_stop();
    long number = 0;
    struct timespec pause = {.tv_sec = interval / 1000000, .tv_nsec = interval % 1000000 * 1000L};
    while (!is_told_to_stop) {
        say("line %ld\n", ++number);
        ppoll(NULL, 0, &pause, &unblocked);
    }
    say("last %ld\n", number);
    note_own("ends", "%d 0\n", 0);
    return 0;
}

// end [LEAST MOST]: ends by itself after that many milliseconds, each time in another way: with status 1 to 99, or by SIGKILL.
static int end_by_itself(int least, int most) {
    int number = count_own("starts");
    srandom(getpid());
    nap((least + random() % (most - least + 1)) * 1000L);
    if (number % 10 == 0) {
        note_own("ends", "%d signal 9\n", 0);
        raise(SIGKILL);
    }
    note_own("ends", "%d status %d\n", number % 99 + 1);
    return number % 99 + 1;
}

// burst [LINES]: prints and is gone.
static int burst(int lines) {
    int number = count_own("starts");
    for (int line = 1; line < lines; line++) say("run %d line %d\n", number, line);
    say("run %d last\n", number);
    return 1;
}

static void become_sleeper(const char *marker, char **environment) {
    execle("/proc/self/exe", "FaultTestHost", "sleeper", marker, (char *)NULL, environment);
    _exit(97);
}

static _Noreturn void sleep_for_ever(void) {
    while (true) pause();
}

// sleeper MARKER: sleeps, and minds no signal that can be ignored.
static _Noreturn void sleeper(void) {
    for (int number = 1; number < 32; number++) signal(number, SIG_IGN);
    sleep_for_ever();
}

extern char **environ;

// unruly MARKER [stay]: six kinds of children that other supervisors leave behind; with `stay` the main process is deaf to TERM as well.
static _Noreturn void unruly(const char *marker, bool stays) {
    char *changed[] = {getenv("SIGNALBOX_RUN") ? getenv("SIGNALBOX_RUN") - strlen("SIGNALBOX_RUN=") : NULL, NULL};
    for (int kind = 0; kind < 6; kind++) {
        if (fork() > 0) continue;
        switch (kind) {
        case 0: break;                                    // in our group, deaf to TERM
        case 1: setsid(); break;                          // a session of its own
        case 2: setpgid(0, 0); break;                     // a group of its own
        case 3:                                           // a daemon: two forks, a session, nothing open
            if (fork() > 0) _exit(0);
            setsid();
            if (fork() > 0) _exit(0);
            for (int descriptor = 0; descriptor < 64; descriptor++) close(descriptor);
            break;
        case 4:                                           // an orphan that keeps our stdout
            if (fork() > 0) _exit(0);
            break;
        case 5:                                           // a session of its own, and another environment
            setsid();
            become_sleeper(marker, changed);
        }
        become_sleeper(marker, environ);
    }
    if (stays) signal(SIGTERM, SIG_IGN);
    sleep_for_ever();
}

// bomb COUNT MARKER: that many chains of processes, each of which lives for 20 ms and leaves a successor in a new session.
static _Noreturn void bomb(int count, const char *marker) {
    for (int chain = 0; chain < count; chain++) {
        if (fork() > 0) continue;
        execl("/proc/self/exe", "FaultTestHost", "link", marker, (char *)NULL);
        _exit(97);
    }
    sleep_for_ever();
}

// So that chains which nothing could stop do not go on for ever: a minute of links.
enum { MAXIMUM_LINKS = 3000 };

static _Noreturn void link_of_chain(void) {
    signal(SIGTERM, SIG_IGN);
    for (int link = 0; link < MAXIMUM_LINKS; link++) {
        setsid();
        nap(20000);
        if (fork() > 0) _exit(0);
    }
    _exit(0);
}

// serve: HTTP/1.1 with keep-alive on the handed socket, else on PORT. /stop/ready makes readiness fail. TERM: no new connections, those
// that are idle are closed, and a request that is half there is answered.
enum { MAXIMUM_CLIENTS = 256 };
static bool is_unready;

static bool answer(int descriptor) {
    char request[8192];
    ssize_t length = recv(descriptor, request, sizeof request - 1, 0);
    if (length <= 0) return false;
    request[length] = 0;
    char path[256] = "";
    sscanf(request, "%*s %255s", path);
    if (strcmp(path, "/stop/ready") == 0) is_unready = true;
    bool fails = is_unready && strcmp(path, "/ready") == 0;
    char body[512], response[1024];
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"pid\":%d,\"version\":\"%s\"}\n", name, getpid(),
             getenv("VERSION") ? getenv("VERSION") : "");
    int size = snprintf(response, sizeof response,
                        "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n%s",
                        fails ? "503 Service Unavailable" : "200 OK", strlen(body), is_told_to_stop ? "Connection: close\r\n" : "", body);
    return send(descriptor, response, size, MSG_NOSIGNAL) == size && !is_told_to_stop;
}

static int serve(int delay) {
    catch_stop();
    nap(delay * 1000L);
    int listener = 3;
    if (!getenv("LISTEN_FDS")) {
        listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        int yes = 1;
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        address.sin_port = htons(atoi(getenv("PORT") ? getenv("PORT") : "0"));
        if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 128) != 0) return 96;
    }
    struct pollfd polls[MAXIMUM_CLIENTS + 1] = {{.fd = listener, .events = POLLIN}};
    int count = 1;
    while (!is_told_to_stop) {
        polls[0].events = count <= MAXIMUM_CLIENTS ? POLLIN : 0;
        if (ppoll(polls, count, NULL, &unblocked) < 0) continue;
        for (int index = count - 1; index > 0; index--) {
            if (!polls[index].revents || answer(polls[index].fd)) continue;
            close(polls[index].fd);
            polls[index] = polls[--count];
        }
        if (polls[0].revents & POLLIN) {
            int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            if (client >= 0) polls[count++] = (struct pollfd){.fd = client, .events = POLLIN};
        }
    }
    close(listener);
    polls[0].fd = -1;
    // What was sent before the sender could know is answered; a connection is closed once it has been quiet for a moment.
    while (poll(polls, count, 100) > 0) {
        for (int index = count - 1; index > 0; index--) {
            if (!polls[index].revents) continue;
            answer(polls[index].fd);
            close(polls[index].fd);
            polls[index] = polls[--count];
        }
    }
    note_own("ends", "%d 0\n", 0);
    return 0;
}

static void say_to_keeper(const char *state) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path) _exit(95);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sendto(descriptor, state, strlen(state), 0, (struct sockaddr *)&address, sizeof address);
    close(descriptor);
}

// notify STATE …: says each to NOTIFY_SOCKET, then stays until TERM.
static int notify(int count, char **states) {
    catch_stop();
    for (int index = 0; index < count; index++) say_to_keeper(states[index]);
    while (!is_told_to_stop) sigsuspend(&unblocked);
    return 0;
}

// client PORT | client amqp: connects, says READY=1, and ends with status 1 as soon as it cannot connect. TERM: 0.
static int client(const char *where) {
    catch_stop();
    const char *url = getenv("AMQP_URL"), *host = url ? strrchr(url, '@') : NULL, *colon = host ? strchr(host, ':') : NULL;
    int port = atoi(strcmp(where, "amqp") != 0 ? where : colon ? colon + 1 : "0");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
    while (!is_told_to_stop) {
        struct pollfd connection = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .events = POLLIN};
        if (connect(connection.fd, (struct sockaddr *)&address, sizeof address) != 0) return 1;
        say_to_keeper("READY=1");
        // A server may close a connection on which nothing is said; only one that is gone refuses the next.
        ppoll(&connection, 1, NULL, &unblocked);
        close(connection.fd);
    }
    return 0;
}

// wait: until TERM.
static int wait_for_stop(void) {
    catch_stop();
    while (!is_told_to_stop) sigsuspend(&unblocked);
    return 0;
}

int main(int count, char **arguments) {
    const char *mode = count > 1 ? arguments[1] : "";
    if (strcmp(mode, "sleeper") == 0) sleeper();
    if (strcmp(mode, "link") == 0) link_of_chain();
    begin();
    if (strcmp(mode, "talk") == 0) return talk(argument(count, arguments, 2, 5000));
    if (strcmp(mode, "end") == 0) return end_by_itself(argument(count, arguments, 2, 20), argument(count, arguments, 3, 200));
    if (strcmp(mode, "burst") == 0) return burst(argument(count, arguments, 2, 3));
    if (strcmp(mode, "unruly") == 0 && count > 2) unruly(arguments[2], count > 3);
    if (strcmp(mode, "bomb") == 0 && count > 3) bomb(argument(count, arguments, 2, 50), arguments[3]);
    if (strcmp(mode, "serve") == 0) return serve(argument(count, arguments, 2, 0));
    if (strcmp(mode, "notify") == 0) return notify(count - 2, arguments + 2);
    if (strcmp(mode, "client") == 0 && count > 2) return client(arguments[2]);
    if (strcmp(mode, "wait") == 0) return wait_for_stop();
    if (strcmp(mode, "exit") == 0) {
        nap(argument(count, arguments, 3, 0) * 1000L);
        return argument(count, arguments, 2, 0);
    }
    fprintf(stderr, "FaultTestHost: \"%s\" is no mode\n", mode);
    return 64;
}
