import CRabbitMQ

/// Methods and messages as frames, by librabbitmq's encoders.
struct FrameEncoder: ~Copyable {
    private var arena = EncodingArena()
    private var scratch: UnsafeMutableRawBufferPointer
    private var frameMax: Int

    /// Type, channel and length before the payload, an end mark after it.
    private static let overhead = 8

    static let protocolHeader: [UInt8] = Array("AMQP".utf8) + [0, 0, 9, 1]
    static let heartbeat: [UInt8] = [UInt8(AMQP_FRAME_HEARTBEAT), 0, 0, 0, 0, 0, 0, UInt8(AMQP_FRAME_END)]

    init(frameMax: Int) {
        self.frameMax = frameMax
        scratch = .allocate(byteCount: frameMax - Self.overhead, alignment: 16)
    }

    deinit {
        scratch.deallocate()
    }

    mutating func apply(_ limits: ConnectionLimits) {
        frameMax = limits.frameMax
        scratch.deallocate()
        scratch = .allocate(byteCount: frameMax - Self.overhead, alignment: 16)
    }

    /// Nothing is appended when it throws.
    mutating func append(_ method: ClientMethod, channel: UInt16, to output: inout OutputBuffer) throws(AMQPError) {
        defer { arena.recycle() }
        let (id, count) = try encode(method)
        appendFrame(AMQP_FRAME_METHOD, channel: channel, payloadCount: 4 + count, to: &output) { [scratch] output in
            output.append(bigEndian: id)
            output.append(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
        }
    }

    /// Method, header and body frames of one message. Nothing is appended when it throws.
    mutating func append(
        _ message: AMQPMessage, by method: ClientMethod, channel: UInt16, to output: inout OutputBuffer
    ) throws(AMQPError) {
        let start = output.count
        try append(method, channel: channel, to: &output)
        do {
            try appendHeader(message, channel: channel, to: &output)
        } catch {
            output.truncate(to: start)
            throw error
        }
        let (body, largest) = (message.body, frameMax - Self.overhead)
        body.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(largest))
                appendFrame(AMQP_FRAME_BODY, channel: channel, payloadCount: part.count, to: &output) { $0.append(part) }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(largest))
            }
        }
    }

    private mutating func appendHeader(_ message: AMQPMessage, channel: UInt16, to output: inout OutputBuffer) throws(AMQPError) {
        defer { arena.recycle() }
        var properties = try arena.properties(message.properties)
        // Class, weight and body size come first.
        let room = amqp_bytes_t(len: scratch.count - 12, bytes: scratch.baseAddress)
        let count = amqp_encode_properties(UInt16(AMQP_BASIC_CLASS), &properties, room)
        guard count >= 0 else {
            throw AMQPError(.invalidArgument, "the properties and headers of the message do not fit into \(frameMax) bytes")
        }
        appendFrame(AMQP_FRAME_HEADER, channel: channel, payloadCount: 12 + Int(count), to: &output) { [scratch] output in
            output.append(bigEndian: UInt16(AMQP_BASIC_CLASS))
            output.append(bigEndian: UInt16(0))
            output.append(bigEndian: UInt64(message.body.count))
            output.append(UnsafeRawBufferPointer(rebasing: scratch[..<Int(count)]))
        }
    }

    private func appendFrame(
        _ type: Int32, channel: UInt16, payloadCount: Int, to output: inout OutputBuffer, _ payload: (inout OutputBuffer) -> Void
    ) {
        output.append(bigEndian: UInt8(type))
        output.append(bigEndian: channel)
        output.append(bigEndian: UInt32(payloadCount))
        payload(&output)
        output.append(bigEndian: UInt8(AMQP_FRAME_END))
    }

    private mutating func encode(_ method: ClientMethod) throws(AMQPError) -> (amqp_method_number_t, Int) {
        switch method {
        case .publish(let exchange, let routingKey):
            return try encode(
                AMQP_BASIC_PUBLISH_METHOD,
                amqp_basic_publish_t(
                    ticket: 0, exchange: try arena.short(exchange, "exchange"), routing_key: try arena.short(routingKey, "routing key"),
                    mandatory: 1, immediate: 0))
        case .ack(let tag, let isMultiple):
            return try encode(AMQP_BASIC_ACK_METHOD, amqp_basic_ack_t(delivery_tag: tag, multiple: isMultiple ? 1 : 0))
        case .reject(let tag, let requeue):
            return try encode(AMQP_BASIC_REJECT_METHOD, amqp_basic_reject_t(delivery_tag: tag, requeue: requeue ? 1 : 0))
        case .qos(let prefetch):
            return try encode(
                AMQP_BASIC_QOS_METHOD, amqp_basic_qos_t(prefetch_size: 0, prefetch_count: UInt16(clamping: prefetch), global: 0))
        case .consume(let queue, let tag, let isWithoutAck):
            var fields = amqp_basic_consume_t()
            fields.queue = try arena.short(queue, "queue")
            fields.consumer_tag = try arena.short(tag, "consumer tag")
            fields.no_ack = isWithoutAck ? 1 : 0
            return try encode(AMQP_BASIC_CONSUME_METHOD, fields)
        case .cancel(let tag):
            return try encode(AMQP_BASIC_CANCEL_METHOD, amqp_basic_cancel_t(consumer_tag: try arena.short(tag, "consumer tag"), nowait: 0))
        case .queueDeclare(let declaration):
            var fields = amqp_queue_declare_t()
            fields.queue = try arena.short(declaration.queue, "queue")
            fields.passive = declaration.isPassive ? 1 : 0
            fields.durable = declaration.isDurable ? 1 : 0
            fields.exclusive = declaration.isExclusive ? 1 : 0
            fields.auto_delete = declaration.isAutoDelete ? 1 : 0
            fields.arguments = try arena.table(declaration.arguments)
            return try encode(AMQP_QUEUE_DECLARE_METHOD, fields)
        case .queueBind(let queue, let binding):
            var fields = amqp_queue_bind_t()
            fields.queue = try arena.short(queue, "queue")
            fields.exchange = try arena.short(binding.exchange, "exchange")
            fields.routing_key = try arena.short(binding.routingKey, "routing key")
            return try encode(AMQP_QUEUE_BIND_METHOD, fields)
        case .queuePurge(let queue):
            return try encode(AMQP_QUEUE_PURGE_METHOD, amqp_queue_purge_t(ticket: 0, queue: try arena.short(queue, "queue"), nowait: 0))
        case .queueDelete(let queue):
            var fields = amqp_queue_delete_t()
            fields.queue = try arena.short(queue, "queue")
            return try encode(AMQP_QUEUE_DELETE_METHOD, fields)
        case .exchangeDeclare(let exchange, let type, let isDurable):
            var fields = amqp_exchange_declare_t()
            fields.exchange = try arena.short(exchange, "exchange")
            fields.type = try arena.short(type, "exchange's type")
            fields.durable = isDurable ? 1 : 0
            return try encode(AMQP_EXCHANGE_DECLARE_METHOD, fields)
        case .confirmSelect: return try encode(AMQP_CONFIRM_SELECT_METHOD, amqp_confirm_select_t(nowait: 0))
        case .channelOpen: return try encode(AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t())
        case .channelFlowOk(let isActive):
            return try encode(AMQP_CHANNEL_FLOW_OK_METHOD, amqp_channel_flow_ok_t(active: isActive ? 1 : 0))
        case .channelClose:
            var fields = amqp_channel_close_t()
            fields.reply_code = UInt16(AMQP_REPLY_SUCCESS)
            return try encode(AMQP_CHANNEL_CLOSE_METHOD, fields)
        case .channelCloseOk: return try encode(AMQP_CHANNEL_CLOSE_OK_METHOD, amqp_channel_close_ok_t())
        case .connectionStartOk(let user, let password, let properties):
            var fields = amqp_connection_start_ok_t()
            fields.client_properties = try arena.table(properties)
            fields.mechanism = try arena.short("PLAIN", "mechanism")
            fields.response = try arena.bytes([0] + Array(user.utf8) + [0] + Array(password.utf8))
            fields.locale = try arena.short("en_US", "locale")
            return try encode(AMQP_CONNECTION_START_OK_METHOD, fields)
        case .connectionTuneOk(let limits):
            return try encode(
                AMQP_CONNECTION_TUNE_OK_METHOD,
                amqp_connection_tune_ok_t(
                    channel_max: UInt16(clamping: limits.channelMax), frame_max: UInt32(clamping: limits.frameMax),
                    heartbeat: UInt16(clamping: limits.heartbeat)))
        case .connectionOpen(let virtualHost):
            var fields = amqp_connection_open_t()
            fields.virtual_host = try arena.short(virtualHost, "virtual host")
            return try encode(AMQP_CONNECTION_OPEN_METHOD, fields)
        case .connectionClose(let code, let text):
            var fields = amqp_connection_close_t()
            fields.reply_code = UInt16(clamping: code)
            fields.reply_text = try arena.short(text, "reply text")
            return try encode(AMQP_CONNECTION_CLOSE_METHOD, fields)
        case .connectionCloseOk: return try encode(AMQP_CONNECTION_CLOSE_OK_METHOD, amqp_connection_close_ok_t())
        }
    }

    /// - Parameters:
    ///   - id: of the method whose structure `fields` is; the library reads it through an untyped pointer.
    private func encode<Fields>(_ id: amqp_method_number_t, _ fields: Fields) throws(AMQPError) -> (amqp_method_number_t, Int) {
        // The method's number comes first.
        let room = amqp_bytes_t(len: scratch.count - 4, bytes: scratch.baseAddress)
        let count = withUnsafePointer(to: fields) { amqp_encode_method(id, UnsafeMutableRawPointer(mutating: $0), room) }
        guard count >= 0 else {
            let name = amqp_method_name(id).map { String(cString: $0) } ?? String(id)
            throw AMQPError(.invalidArgument, "\(name) cannot be encoded: \(String(cString: amqp_error_string2(count)))")
        }
        return (id, Int(count))
    }
}
