/* echo QUEUE PREFETCH: declares the queue and answers each request with its own body, until it is killed. The callee of every caller here. */
#include "bus.h"

int main(int argc, char **argv) {
    if (argc != 3) return 64;
    amqp_connection_state_t connection = connect_bus();
    amqp_queue_declare(connection, CHANNEL, amqp_cstring_bytes(argv[1]), 0, 0, 0, 0, amqp_empty_table);
    check(connection, "queue.declare");
    amqp_basic_qos(connection, CHANNEL, 0, atoi(argv[2]), 0);
    check(connection, "basic.qos");
    amqp_basic_consume(connection, CHANNEL, amqp_cstring_bytes(argv[1]), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    check(connection, "basic.consume");
    puts("ready");
    fflush(stdout);
    for (;;) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, NULL, 0);
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail("consume", reply.library_error);
        amqp_basic_properties_t properties = {
            ._flags = AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG,
            .correlation_id = envelope.message.properties.correlation_id,
            .delivery_mode = 1};
        int status = amqp_basic_publish(
            connection, CHANNEL, amqp_empty_bytes, envelope.message.properties.reply_to, 0, 0, &properties, envelope.message.body);
        if (status) fail("publish", status);
        status = amqp_basic_ack(connection, CHANNEL, envelope.delivery_tag, 0);
        if (status) fail("ack", status);
        amqp_destroy_envelope(&envelope);
    }
}
