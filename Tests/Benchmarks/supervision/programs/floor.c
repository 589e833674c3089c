/* The least that a supervisor can be: starts COUNT services, waits, and starts again what ended. TERM ends it and them.
 *
 *   floor COUNT SERVICE SOCKET    starts SERVICE SOCKET:s000:idle, SERVICE SOCKET:s001:idle, ... */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAXIMUM = 1000 };

static pid_t pids[MAXIMUM];
static volatile sig_atomic_t is_ending;

static void end(int signal) {
    (void)signal;
    is_ending = 1;
}

static pid_t start(const char *service, const char *socket, int index) {
    pid_t pid = fork();
    if (pid != 0) return pid;
    char word[512];
    snprintf(word, sizeof word, "%s:s%03d:idle", socket, index);
    execl(service, service, word, (char *)NULL);
    _exit(127);
}

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    int count = atoi(argv[1]);
    if (count > MAXIMUM) return 64;
    struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);
    for (int index = 0; index < count; index++) pids[index] = start(argv[2], argv[3], index);
    while (!is_ending) {
        pid_t ended = waitpid(-1, NULL, 0);
        for (int index = 0; ended > 0 && index < count; index++) {
            if (pids[index] == ended && !is_ending) pids[index] = start(argv[2], argv[3], index);
        }
    }
    for (int index = 0; index < count; index++) {
        if (pids[index] > 0) kill(pids[index], SIGTERM);
    }
    while (waitpid(-1, NULL, 0) > 0) continue;
    return 0;
}
