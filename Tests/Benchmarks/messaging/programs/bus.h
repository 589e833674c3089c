/* What the loops have in common: a connection, an error that ends the program, a clock, and the line that tells the result. */
#ifndef BUS_H
#define BUS_H

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define CHANNEL 1

static inline void fail(const char *what, int status) {
    fprintf(stderr, "%s: %s\n", what, amqp_error_string2(status));
    exit(1);
}

static inline void check(amqp_connection_state_t connection, const char *what) {
    amqp_rpc_reply_t reply = amqp_get_rpc_reply(connection);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
    fprintf(stderr, "%s: %s\n", what,
            reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION ? amqp_error_string2(reply.library_error) : "refused by the broker");
    exit(1);
}

/* The environment has BUS_PORT, BUS_USER and BUS_PASSWORD. */
static inline amqp_connection_state_t connect_bus(void) {
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    int status = amqp_socket_open(socket, "127.0.0.1", atoi(getenv("BUS_PORT")));
    if (status) fail("connect", status);
    amqp_rpc_reply_t reply = amqp_login(connection, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, getenv("BUS_USER"), getenv("BUS_PASSWORD"));
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail("log-in", AMQP_STATUS_SOCKET_ERROR);
    amqp_channel_open(connection, CHANNEL);
    check(connection, "channel.open");
    return connection;
}

static inline double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static inline double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static inline void report(long count, double seconds, double cpu_seconds) {
    printf("{\"count\": %ld, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", count, seconds, cpu_seconds);
}

#endif
