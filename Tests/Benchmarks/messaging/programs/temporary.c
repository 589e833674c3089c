/* temporary QUEUE COUNT BYTES: requests one after the other, each with a reply queue of its own, as RabbitMQ's tutorials begin. */
#include "bus.h"

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    long count = atol(argv[2]), bytes = atol(argv[3]);
    amqp_connection_state_t connection = connect_bus();
    char *body = malloc(bytes);
    memset(body, 'x', bytes);
    double start = now(), cpu_start = cpu();
    for (long answered = 0; answered < count; answered++) {
        amqp_queue_declare_ok_t *queue = amqp_queue_declare(connection, CHANNEL, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
        check(connection, "queue.declare");
        amqp_bytes_t reply_to = amqp_bytes_malloc_dup(queue->queue);
        amqp_basic_consume_ok_t *consumer = amqp_basic_consume(connection, CHANNEL, reply_to, amqp_empty_bytes, 0, 1, 1, amqp_empty_table);
        check(connection, "basic.consume");
        amqp_bytes_t tag = amqp_bytes_malloc_dup(consumer->consumer_tag);
        amqp_basic_properties_t properties = {
            ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_REPLY_TO_FLAG, .delivery_mode = 1,
            .correlation_id = amqp_cstring_bytes("1"), .reply_to = reply_to};
        int status = amqp_basic_publish(
            connection, CHANNEL, amqp_empty_bytes, amqp_cstring_bytes(argv[1]), 1, 0, &properties,
            (amqp_bytes_t){.len = bytes, .bytes = body});
        if (status) fail("publish", status);
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, NULL, 0);
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail("consume", reply.library_error);
        amqp_destroy_envelope(&envelope);
        /* The queue goes with its consumer. */
        amqp_basic_cancel(connection, CHANNEL, tag);
        check(connection, "basic.cancel");
        amqp_bytes_free(tag);
        amqp_bytes_free(reply_to);
    }
    report(count, now() - start, cpu() - cpu_start);
    return 0;
}
