import CRabbitMQ

extension ServerMethod {
    /// - Parameter method: its `decoded` points to the structure that belongs to its `id`: that is what the library promises and what makes
    ///   the casts here safe.
    init(_ method: amqp_method_t) {
        guard let decoded = method.decoded else {
            self = .other(method.id)
            return
        }
        func fields<Fields>(_: Fields.Type) -> Fields { decoded.assumingMemoryBound(to: Fields.self).pointee }
        switch method.id {
        case AMQP_BASIC_ACK_METHOD:
            let ack = fields(amqp_basic_ack_t.self)
            self = .ack(sequence: ack.delivery_tag, isMultiple: ack.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let nack = fields(amqp_basic_nack_t.self)
            self = .nack(sequence: nack.delivery_tag, isMultiple: nack.multiple != 0)
        case AMQP_BASIC_DELIVER_METHOD:
            let deliver = fields(amqp_basic_deliver_t.self)
            self = .deliver(
                Deliver(
                    deliveryTag: deliver.delivery_tag, isRedelivered: deliver.redelivered != 0, exchange: String(deliver.exchange),
                    routingKey: String(deliver.routing_key)))
        case AMQP_BASIC_RETURN_METHOD:
            let returned = fields(amqp_basic_return_t.self)
            self = .returned(
                Returned(
                    code: Int(returned.reply_code), text: String(returned.reply_text), exchange: String(returned.exchange),
                    routingKey: String(returned.routing_key)))
        case AMQP_BASIC_QOS_OK_METHOD: self = .qosOk
        case AMQP_BASIC_CONSUME_OK_METHOD: self = .consumeOk(tag: String(fields(amqp_basic_consume_ok_t.self).consumer_tag))
        case AMQP_BASIC_CANCEL_METHOD: self = .consumerCancelled(tag: String(fields(amqp_basic_cancel_t.self).consumer_tag))
        case AMQP_BASIC_CANCEL_OK_METHOD: self = .cancelOk(tag: String(fields(amqp_basic_cancel_ok_t.self).consumer_tag))
        case AMQP_CHANNEL_OPEN_OK_METHOD: self = .channelOpenOk
        case AMQP_CHANNEL_FLOW_METHOD: self = .channelFlow(isActive: fields(amqp_channel_flow_t.self).active != 0)
        case AMQP_CHANNEL_CLOSE_OK_METHOD: self = .channelCloseOk
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = fields(amqp_channel_close_t.self)
            self = .channelClose(code: Int(close.reply_code), text: String(close.reply_text))
        case AMQP_CONFIRM_SELECT_OK_METHOD: self = .confirmSelectOk
        case AMQP_EXCHANGE_DECLARE_OK_METHOD: self = .exchangeDeclareOk
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            let declared = fields(amqp_queue_declare_ok_t.self)
            self = .queueDeclareOk(
                queue: String(declared.queue), messages: Int(declared.message_count), consumers: Int(declared.consumer_count))
        case AMQP_QUEUE_BIND_OK_METHOD: self = .queueBindOk
        case AMQP_QUEUE_PURGE_OK_METHOD: self = .queuePurgeOk
        case AMQP_QUEUE_DELETE_OK_METHOD: self = .queueDeleteOk
        case AMQP_CONNECTION_START_METHOD: self = .connectionStart(mechanisms: String(fields(amqp_connection_start_t.self).mechanisms))
        case AMQP_CONNECTION_TUNE_METHOD:
            let tune = fields(amqp_connection_tune_t.self)
            self = .connectionTune(
                ConnectionLimits(channelMax: Int(tune.channel_max), frameMax: Int(tune.frame_max), heartbeat: Int(tune.heartbeat)))
        case AMQP_CONNECTION_OPEN_OK_METHOD: self = .connectionOpenOk
        case AMQP_CONNECTION_BLOCKED_METHOD: self = .connectionBlocked(reason: String(fields(amqp_connection_blocked_t.self).reason))
        case AMQP_CONNECTION_UNBLOCKED_METHOD: self = .connectionUnblocked
        case AMQP_CONNECTION_CLOSE_OK_METHOD: self = .connectionCloseOk
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = fields(amqp_connection_close_t.self)
            self = .connectionClose(code: Int(close.reply_code), text: String(close.reply_text))
        default: self = .other(method.id)
        }
    }
}
