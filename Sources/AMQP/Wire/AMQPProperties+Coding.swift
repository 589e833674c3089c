import CRabbitMQ

extension AMQPProperties {
    init(_ decoded: amqp_basic_properties_t) {
        func has(_ flag: Int32) -> Bool { decoded._flags & UInt32(flag) != 0 }
        func text(_ flag: Int32, _ bytes: amqp_bytes_t) -> String? { has(flag) ? String(bytes) : nil }
        self.init(
            messageID: text(AMQP_BASIC_MESSAGE_ID_FLAG, decoded.message_id),
            correlationID: text(AMQP_BASIC_CORRELATION_ID_FLAG, decoded.correlation_id),
            replyTo: text(AMQP_BASIC_REPLY_TO_FLAG, decoded.reply_to),
            type: text(AMQP_BASIC_TYPE_FLAG, decoded.type),
            contentType: text(AMQP_BASIC_CONTENT_TYPE_FLAG, decoded.content_type),
            contentEncoding: text(AMQP_BASIC_CONTENT_ENCODING_FLAG, decoded.content_encoding),
            appID: text(AMQP_BASIC_APP_ID_FLAG, decoded.app_id),
            userID: text(AMQP_BASIC_USER_ID_FLAG, decoded.user_id),
            expiration: text(AMQP_BASIC_EXPIRATION_FLAG, decoded.expiration).flatMap { Int64($0) }.map { .milliseconds($0) },
            timestamp: has(AMQP_BASIC_TIMESTAMP_FLAG) ? Int64(clamping: decoded.timestamp) : nil,
            priority: has(AMQP_BASIC_PRIORITY_FLAG) ? decoded.priority : nil,
            isPersistent: has(AMQP_BASIC_DELIVERY_MODE_FLAG) && decoded.delivery_mode == 2,
            headers: has(AMQP_BASIC_HEADERS_FLAG) ? AMQPValue.table(decoded.headers) : [:])
    }
}

extension EncodingArena {
    mutating func properties(_ properties: AMQPProperties) throws(AMQPError) -> amqp_basic_properties_t {
        var encoded = amqp_basic_properties_t()
        func mark(_ flag: Int32) { encoded._flags |= UInt32(flag) }
        if let text = properties.messageID {
            encoded.message_id = try short(text, "message id")
            mark(AMQP_BASIC_MESSAGE_ID_FLAG)
        }
        if let text = properties.correlationID {
            encoded.correlation_id = try short(text, "correlation id")
            mark(AMQP_BASIC_CORRELATION_ID_FLAG)
        }
        if let text = properties.replyTo {
            encoded.reply_to = try short(text, "reply-to")
            mark(AMQP_BASIC_REPLY_TO_FLAG)
        }
        if let text = properties.type {
            encoded.type = try short(text, "type")
            mark(AMQP_BASIC_TYPE_FLAG)
        }
        if let text = properties.contentType {
            encoded.content_type = try short(text, "content type")
            mark(AMQP_BASIC_CONTENT_TYPE_FLAG)
        }
        if let text = properties.contentEncoding {
            encoded.content_encoding = try short(text, "content encoding")
            mark(AMQP_BASIC_CONTENT_ENCODING_FLAG)
        }
        if let text = properties.appID {
            encoded.app_id = try short(text, "application's id")
            mark(AMQP_BASIC_APP_ID_FLAG)
        }
        if let text = properties.userID {
            encoded.user_id = try short(text, "user id")
            mark(AMQP_BASIC_USER_ID_FLAG)
        }
        if let duration = properties.expiration {
            encoded.expiration = try short(String(duration.wholeMilliseconds), "expiration")
            mark(AMQP_BASIC_EXPIRATION_FLAG)
        }
        if let timestamp = properties.timestamp {
            encoded.timestamp = UInt64(clamping: timestamp)
            mark(AMQP_BASIC_TIMESTAMP_FLAG)
        }
        if let priority = properties.priority {
            encoded.priority = priority
            mark(AMQP_BASIC_PRIORITY_FLAG)
        }
        encoded.delivery_mode = properties.isPersistent ? 2 : 1
        mark(AMQP_BASIC_DELIVERY_MODE_FLAG)
        if !properties.headers.isEmpty {
            encoded.headers = try table(properties.headers)
            mark(AMQP_BASIC_HEADERS_FLAG)
        }
        return encoded
    }
}

extension Duration {
    /// Rounded up, and never negative: what RabbitMQ takes as an expiration.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let (whole, isOverflow) = seconds.multipliedReportingOverflow(by: 1000)
        // RabbitMQ refuses more than 2^32 − 1: forty-nine days.
        guard !isOverflow else { return seconds > 0 ? Int64(UInt32.max) : 0 }
        return min(max(0, whole + (attoseconds + perMillisecond - 1) / perMillisecond), Int64(UInt32.max))
    }
}
