/* requests QUEUE COUNT WINDOW BYTES: requests with an exclusive reply queue, WINDOW of them under way. */
#include "bus.h"

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    long count = atol(argv[2]), window = atol(argv[3]), bytes = atol(argv[4]);
    amqp_connection_state_t connection = connect_bus();
    amqp_queue_declare_ok_t *queue = amqp_queue_declare(connection, CHANNEL, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
    check(connection, "queue.declare");
    amqp_bytes_t reply_to = amqp_bytes_malloc_dup(queue->queue);
    amqp_basic_consume(connection, CHANNEL, reply_to, amqp_empty_bytes, 0, 1, 1, amqp_empty_table);
    check(connection, "basic.consume");

    char *body = malloc(bytes);
    memset(body, 'x', bytes);
    char id[32];
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_REPLY_TO_FLAG, .delivery_mode = 1,
        .reply_to = reply_to};
    double start = now(), cpu_start = cpu();
    for (long sent = 0, answered = 0; answered < count;) {
        while (sent < count && sent - answered < window) {
            properties.correlation_id.len = snprintf(id, sizeof id, "%ld", ++sent);
            properties.correlation_id.bytes = id;
            int status = amqp_basic_publish(
                connection, CHANNEL, amqp_empty_bytes, amqp_cstring_bytes(argv[1]), 1, 0, &properties,
                (amqp_bytes_t){.len = bytes, .bytes = body});
            if (status) fail("publish", status);
        }
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, NULL, 0);
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail("consume", reply.library_error);
        amqp_destroy_envelope(&envelope);
        answered++;
    }
    report(count, now() - start, cpu() - cpu_start);
    return 0;
}
