/* A service that ends on TERM as it should, and has one descendant that does not care.
 *
 *   unruly KIND:MARK     starts its descendant and sleeps; the descendant's argv is "unruly left:KIND:MARK"
 *
 * setsid     a grandchild in a session of its own
 * daemon     forked twice, in a session of its own, its parent gone
 * ignore     a child that ignores TERM
 * stopped    a child that is stopped
 * stdout     a child that is told nothing and holds stdout open
 * foreign    a child in a process group of its own, with nothing in its environment */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *empty[] = {NULL};
extern char **environ;

static void become(const char *kind, const char *mark, char **environment) {
    char word[256];
    snprintf(word, sizeof word, "left:%s:%s", kind, mark);
    char *arguments[] = {"unruly", word, NULL};
    execve("/proc/self/exe", arguments, environment);
    _exit(127);
}

static void sleep_on(void) {
    for (;;) pause();
}

/* In the child that was just forked. */
static void misbehave(const char *kind, const char *mark) {
    if (!strcmp(kind, "setsid")) {
        if (fork() != 0) sleep_on();
        setsid();
    } else if (!strcmp(kind, "daemon")) {
        setsid();
        if (fork() != 0) _exit(0);
    } else if (!strcmp(kind, "ignore")) {
        signal(SIGTERM, SIG_IGN);
    } else if (!strcmp(kind, "foreign")) {
        setpgid(0, 0);
        become(kind, mark, empty);
    }
    become(kind, mark, environ);
}

int main(int argc, char **argv) {
    if (argc < 2) return 64;
    /* A copy: what stands in argv is how a survivor is known. */
    char *first = strtok(strdup(argv[1]), ":"), *second = strtok(NULL, ":");
    if (!second) return 64;
    if (!strcmp(first, "left")) {
        if (!strcmp(second, "stopped")) raise(SIGSTOP);
        sleep_on();
    }
    pid_t child = fork();
    if (child == 0) misbehave(first, second);
    if (!strcmp(first, "daemon")) waitpid(child, NULL, 0);
    sleep_on();
}
