extension DeadLetter {
    init(_ message: ManagementAnswers.Message, queue: String, position: Int) {
        let headers = message.properties.headers?.values.filter { $0.value != .other } ?? [:]
        let text = { (name: String) -> String? in if case .string(let value)? = headers[name] { value } else { nil } }
        let number = { (name: String) -> Int? in if case .integer(let value)? = headers[name] { value } else { nil } }
        self.init(
            queue: queue, position: position, messageID: message.properties.message_id, type: message.properties.type,
            contentType: message.properties.content_type, correlationID: message.properties.correlation_id,
            source: message.properties.app_id,
            timestamp: message.properties.timestamp,
            // RabbitMQ's own word, where the broker itself moved the message.
            originQueue: text("signalbox-origin-queue") ?? text("x-first-death-queue"),
            attempts: number("signalbox-attempts"),
            cause: text("signalbox-cause") ?? text("x-first-death-reason"),
            firstFailedAt: text("signalbox-first-failed-at"),
            headers: headers, payload: message.payload, isBase64: message.payload_encoding == "base64", payloadBytes: message.payload_bytes)
    }
}
