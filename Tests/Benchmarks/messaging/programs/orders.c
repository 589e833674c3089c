/*
 * orders HTTP_PORT PATH EXCHANGE EVENT COUNT WINDOW PAUSE_MS: places orders over HTTP and waits for the event that names each of them, WINDOW
 * of them under way, PAUSE_MS after the last one ended or at once. Tells the rate, and the time from the first byte of the call to the event.
 */
#define _GNU_SOURCE
#include "bus.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ID_LENGTH 36
#define BUFFER 8192
#define MAXIMUM_WINDOW 1024
/* Nothing ended for so long: the rest is lost. */
#define PATIENCE 30.0

static const char body[] = "{\"product_id\": 1, \"quantity\": 1, \"user_id\": 100, \"card\": \"pm_card_visa\", \"email\": \"ada@example.com\"}";

struct call {
    int descriptor;
    int is_busy;
    double start;
    size_t filled;
    char buffer[BUFFER];
};

/* An order that the caller or the event has named, by open addressing. */
struct order {
    char id[ID_LENGTH];
    char is_used, has_ended;
    double start, end;
};

static struct call calls[MAXIMUM_WINDOW];
static struct order *orders;
static size_t room;
static double *times;
static long ended, refused, accepted;
static double last_end;

static struct order *find(const char *text) {
    char id[ID_LENGTH];
    size_t hash = 5381;
    for (int i = 0; i < ID_LENGTH; i++) {
        id[i] = tolower((unsigned char)text[i]);
        hash = hash * 33 + (unsigned char)id[i];
    }
    for (size_t slot = hash % room;; slot = (slot + 1) % room) {
        struct order *order = &orders[slot];
        if (!order->is_used) {
            order->is_used = 1;
            memcpy(order->id, id, ID_LENGTH);
            return order;
        }
        if (memcmp(order->id, id, ID_LENGTH) == 0) return order;
    }
}

/* The value of "order_id" in JSON; NULL where there is none. */
static const char *identifier(const char *text, size_t length) {
    static const char key[] = "\"order_id\"";
    const char *found = memmem(text, length, key, sizeof key - 1), *end = text + length;
    if (!found) return NULL;
    for (found += sizeof key - 1; found < end && *found != '"'; found++) {}
    return end - found > ID_LENGTH ? found + 1 : NULL;
}

static void finish(struct order *order) {
    if (order->start == 0 || order->end == 0 || order->has_ended) return;
    order->has_ended = 1;
    times[ended++] = order->end - order->start;
    last_end = now();
}

static void open_call(struct call *call, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    call->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(call->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(call->descriptor, (struct sockaddr *)&address, sizeof address)) {
        perror("connect");
        exit(1);
    }
    fcntl(call->descriptor, F_SETFL, O_NONBLOCK);
}

static void place(struct call *call, int port, const char *path) {
    char request[1024];
    int length = snprintf(
        request, sizeof request,
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", path, sizeof body - 1,
        body);
    call->start = now();
    if (call->descriptor < 0) open_call(call, port);
    if (send(call->descriptor, request, length, MSG_NOSIGNAL) != length) {
        close(call->descriptor);
        open_call(call, port);
        if (send(call->descriptor, request, length, MSG_NOSIGNAL) != length) {
            perror("send");
            exit(1);
        }
    }
    call->is_busy = 1;
    call->filled = 0;
}

static void end_call(struct call *call, int keep) {
    call->is_busy = 0;
    if (keep) return;
    close(call->descriptor);
    call->descriptor = -1;
}

static void receive(struct call *call) {
    ssize_t count = recv(call->descriptor, call->buffer + call->filled, BUFFER - 1 - call->filled, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count > 0) call->filled += count;
    call->buffer[call->filled] = 0;
    char *head_end = strstr(call->buffer, "\r\n\r\n");
    char *field = head_end ? strcasestr(call->buffer, "\r\ncontent-length:") : NULL;
    size_t whole = field ? head_end + 4 - call->buffer + strtoul(field + 17, NULL, 10) : BUFFER;
    if (count > 0 && call->filled < whole) return;
    if (head_end && strncmp(call->buffer + 8, " 20", 3) == 0) {
        const char *id = identifier(head_end, call->buffer + call->filled - head_end);
        if (id) {
            struct order *order = find(id);
            order->start = call->start;
            accepted++;
            finish(order);
            return end_call(call, count > 0 && strncmp(call->buffer, "HTTP/1.1", 8) == 0 && !strcasestr(call->buffer, "connection: close"));
        }
    }
    if (!refused++) fprintf(stderr, "an order was not accepted: %.300s\n", call->buffer);
    end_call(call, 0);
}

static void take_events(amqp_connection_state_t connection) {
    struct timeval none = {0};
    for (;;) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, &none, 0);
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
            if (reply.library_error == AMQP_STATUS_TIMEOUT) return;
            fail("consume", reply.library_error);
        }
        const char *id = identifier(envelope.message.body.bytes, envelope.message.body.len);
        if (id) {
            struct order *order = find(id);
            if (order->end == 0) order->end = now();
            finish(order);
        }
        amqp_destroy_envelope(&envelope);
    }
}

static int compare(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

int main(int argc, char **argv) {
    if (argc != 8) return 64;
    int port = atoi(argv[1]);
    long count = atol(argv[5]), window = atol(argv[6]), placed = 0;
    double pause = atof(argv[7]) / 1000;
    if (window > MAXIMUM_WINDOW) window = MAXIMUM_WINDOW;
    room = 4 * count + 64;
    orders = calloc(room, sizeof *orders);
    times = calloc(count + 1, sizeof *times);

    amqp_connection_state_t connection = connect_bus();
    amqp_queue_declare_ok_t *queue = amqp_queue_declare(connection, CHANNEL, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
    check(connection, "queue.declare");
    amqp_bytes_t name = amqp_bytes_malloc_dup(queue->queue);
    amqp_queue_bind(connection, CHANNEL, name, amqp_cstring_bytes(argv[3]), amqp_cstring_bytes(argv[4]), amqp_empty_table);
    check(connection, "queue.bind");
    amqp_basic_consume(connection, CHANNEL, name, amqp_empty_bytes, 0, 1, 1, amqp_empty_table);
    check(connection, "basic.consume");

    for (long i = 0; i < window; i++) open_call(&calls[i], port);
    double start = now();
    last_end = start;
    while (ended + refused < count && now() - last_end < PATIENCE) {
        struct pollfd polled[MAXIMUM_WINDOW + 1];
        int busy = 0;
        for (long i = 0; i < window && placed < count; i++) {
            if (calls[i].is_busy || placed - ended - refused >= window) continue;
            if (now() - last_end < pause) break;
            place(&calls[i], port, argv[2]);
            placed++;
        }
        struct call *waiting[MAXIMUM_WINDOW];
        for (long i = 0; i < window; i++) {
            if (!calls[i].is_busy) continue;
            waiting[busy] = &calls[i];
            polled[busy++] = (struct pollfd){.fd = calls[i].descriptor, .events = POLLIN};
        }
        polled[busy] = (struct pollfd){.fd = amqp_get_sockfd(connection), .events = POLLIN};
        poll(polled, busy + 1, pause > 0 && placed == ended ? 1 : 100);
        for (int i = 0; i < busy; i++) if (polled[i].revents) receive(waiting[i]);
        if (polled[busy].revents) take_events(connection);
    }
    double seconds = last_end - start;
    qsort(times, ended, sizeof *times, compare);
    printf(
        "{\"count\": %ld, \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"refused\": %ld, \"lost\": %ld}\n", ended,
        seconds, cpu(), ended ? times[ended / 2] * 1000 : 0, ended ? times[ended * 99 / 100] * 1000 : 0, refused, accepted - ended);
    return 0;
}
