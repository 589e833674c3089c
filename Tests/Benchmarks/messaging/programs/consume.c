/* consume QUEUE COUNT PREFETCH: takes COUNT messages and acknowledges each by itself. */
#include "bus.h"

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    long count = atol(argv[2]);
    amqp_connection_state_t connection = connect_bus();
    amqp_basic_qos(connection, CHANNEL, 0, atoi(argv[3]), 0);
    check(connection, "basic.qos");
    double start = now(), cpu_start = cpu();
    amqp_basic_consume(connection, CHANNEL, amqp_cstring_bytes(argv[1]), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    check(connection, "basic.consume");
    for (long taken = 0; taken < count; taken++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        amqp_rpc_reply_t reply = amqp_consume_message(connection, &envelope, NULL, 0);
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail("consume", reply.library_error);
        int status = amqp_basic_ack(connection, CHANNEL, envelope.delivery_tag, 0);
        if (status) fail("ack", status);
        amqp_destroy_envelope(&envelope);
    }
    report(count, now() - start, cpu() - cpu_start);
    /* The broker forgets acknowledgements that wait for its disk when the channel is closed. */
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    return 0;
}
