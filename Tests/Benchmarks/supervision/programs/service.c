/* A service as small as can be, so that what is measured is its supervisor.
 *
 *   service SOCKET:NAME:idle     sleeps
 *   service SOCKET:NAME:http     answers every request on $PORT with 200
 *   service SOCKET:NAME:BYTES    prints so many bytes of 120-byte lines, then the line "the end of NAME", and sleeps
 *
 * Its first instruction reads CLOCK_MONOTONIC; the collector behind the datagram socket SOCKET is told "NANOSECONDS PID NAME". All in one
 * word, because a "#!" line hands over one. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 120, LINES_A_WRITE = 512, EVENTS = 16 };

static void announce(const char *path, const char *name, struct timespec now) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char text[160];
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int length = snprintf(text, sizeof text, "%lld %d %s", now.tv_sec * 1000000000LL + now.tv_nsec, (int)getpid(), name);
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    if (descriptor < 0) return;
    sendto(descriptor, text, length, 0, (struct sockaddr *)&address, sizeof address);
    close(descriptor);
}

static int answer(int client) {
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok";
    char request[4096];
    ssize_t count = read(client, request, sizeof request);
    return count > 0 && write(client, ok, sizeof ok - 1) > 0;
}

static int serve(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLIN}, events[EVENTS];
    int yes = 1, listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), epoll = epoll_create1(EPOLL_CLOEXEC);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, 64)) return 1;
    event.data.fd = listening;
    epoll_ctl(epoll, EPOLL_CTL_ADD, listening, &event);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int index = 0; index < count; index++) {
            int descriptor = events[index].data.fd;
            if (descriptor == listening) {
                event.data.fd = accept(listening, NULL, NULL);
                if (event.data.fd >= 0) epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
            } else if (!answer(descriptor)) {
                close(descriptor);
            }
        }
    }
}

static void put(const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) exit(1);
        bytes += written;
        count -= written;
    }
}

static void print(long long bytes, const char *name) {
    static char buffer[LINE * LINES_A_WRITE];
    long long line = 0, lines = bytes / LINE;
    memset(buffer, 'x', sizeof buffer);
    while (line < lines) {
        int count = 0;
        for (; count < LINES_A_WRITE && line < lines; count++, line++) {
            char number[16];
            int length = snprintf(number, sizeof number, "%012lld", line);
            memcpy(buffer + count * LINE, number, length);
            buffer[count * LINE + LINE - 1] = '\n';
        }
        put(buffer, (size_t)count * LINE);
    }
    put(buffer, snprintf(buffer, sizeof buffer, "the end of %s\n", name));
}

int main(int argc, char **argv) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (argc < 2) return 64;
    /* A copy: what stands in argv is how the service is known. */
    char *socket = strtok(strdup(argv[1]), ":"), *name = strtok(NULL, ":"), *mode = strtok(NULL, ":");
    if (!mode) return 64;
    announce(socket, name, now);
    if (!strcmp(mode, "http")) return serve(getenv("PORT") ? atoi(getenv("PORT")) : 0);
    if (strcmp(mode, "idle")) print(atoll(mode), name);
    for (;;) pause();
}
