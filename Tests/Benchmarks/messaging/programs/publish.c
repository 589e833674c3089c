/* publish QUEUE COUNT WINDOW BYTES: persistent, mandatory messages to a queue, with confirms, at most WINDOW of them unconfirmed. */
#include "bus.h"

/* Frees what the library keeps of frames that were looked at, now and then: each time costs more than it frees. */
#define RELEASE_EVERY 64

int main(int argc, char **argv) {
    if (argc != 5) return 64;
    const char *queue = argv[1];
    long count = atol(argv[2]), window = atol(argv[3]), bytes = atol(argv[4]);
    amqp_connection_state_t connection = connect_bus();
    amqp_confirm_select(connection, CHANNEL);
    check(connection, "confirm.select");

    char *body = malloc(bytes);
    memset(body, 'x', bytes);
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG, .delivery_mode = 2};
    char id[32];
    double start = now(), cpu_start = cpu();
    long sent = 0, confirmed = 0, lowest = 1, frames = 0;
    char *is_confirmed = calloc(count + 1, 1);
    while (confirmed < count) {
        while (sent < count && sent - confirmed < window) {
            sent++;
            properties.message_id.len = snprintf(id, sizeof id, "%ld", sent);
            properties.message_id.bytes = id;
            int status = amqp_basic_publish(
                connection, CHANNEL, amqp_empty_bytes, amqp_cstring_bytes(queue), 1, 0, &properties,
                (amqp_bytes_t){.len = bytes, .bytes = body});
            if (status) fail("publish", status);
        }
        amqp_frame_t frame;
        int status = amqp_simple_wait_frame(connection, &frame);
        if (status) fail("wait", status);
        if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
            fprintf(stderr, "a frame that is no confirm\n");
            return 1;
        }
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        long last = ack->delivery_tag;
        for (long tag = ack->multiple ? lowest : last; tag <= last; tag++) {
            confirmed += !is_confirmed[tag];
            is_confirmed[tag] = 1;
        }
        while (lowest <= count && is_confirmed[lowest]) lowest++;
        if (++frames % RELEASE_EVERY == 0) amqp_maybe_release_buffers(connection);
    }
    report(count, now() - start, cpu() - cpu_start);
    return 0;
}
