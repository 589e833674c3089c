import AMQP

/// A dead letter as it goes back.
enum ReplayMessage {
    /// What tells of failures. RabbitMQ drops a message whose `x-death` says that it goes in a circle, and with its old attempts it would
    /// have none left. With CC or BCC it would go to other queues as well.
    static let removedHeaders: Set<String> = [
        "x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason", "x-last-death-exchange", "x-last-death-queue",
        "x-last-death-reason", "x-delivery-count", "x-acquired-count", "CC", "BCC", LetterReading.Header.attempts,
        LetterReading.Header.cause, LetterReading.Header.origin, LetterReading.Header.firstFailed,
    ]

    /// - Parameters:
    ///   - replayID: of this replay of this message: whoever handles it knows a second arrival by it.
    static func make(_ message: AMQPMessage, edit: EditStore.Edit?, replayID: String) -> AMQPMessage {
        var message = message
        message.properties.headers = message.properties.headers.filter { !removedHeaders.contains($0.key) }
        message.properties.headers[LetterReading.Header.replay] = .string(replayID)
        message.properties.expiration = nil
        // The broker refuses a message in another user's name.
        message.properties.userID = nil
        message.properties.isPersistent = true
        // Nobody could tell a second delivery from a second message without one.
        if message.properties.messageID == nil { message.properties.messageID = replayID }
        if let edit {
            message.body = edit.body
            message.properties.headers[LetterReading.Header.edited] = .string(LetterTime.text(edit.time))
        }
        return message
    }
}
