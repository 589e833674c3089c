import AMQP

/// The `x-death` header as RabbitMQ 3.10 keeps it: a table for each queue and reason, the latest first.
enum DeathRecord {
    private static let header = "x-death"

    /// - Parameter time: seconds since 1970.
    static func message(_ entry: QueueEntry, from queue: String, _ reason: DeathReason, time: Int64) -> AMQPMessage {
        var message = entry.message
        var headers = message.properties.headers
        var record: [String: AMQPValue] = [
            "reason": .string(reason.rawValue), "queue": .string(queue), "time": .timestamp(time), "exchange": .string(entry.exchange),
            "routing-keys": .array([.string(entry.routingKey)]), "count": 1,
        ]
        if let expiration = message.properties.expiration {
            record["original-expiration"] = .string("\(expiration.wholeMilliseconds)")
        }
        var deaths = deaths(in: headers)
        if deaths.isEmpty {
            headers["x-first-death-reason"] = .string(reason.rawValue)
            headers["x-first-death-queue"] = .string(queue)
            headers["x-first-death-exchange"] = .string(entry.exchange)
        }
        if let index = deaths.firstIndex(where: { $0["queue"]?.string == queue && $0["reason"]?.string == reason.rawValue }) {
            record = deaths.remove(at: index)
            record["count"] = .int((record["count"]?.int ?? 0) + 1)
        }
        deaths.insert(record, at: 0)
        headers[header] = .array(deaths.map { .table($0) })
        message.properties.headers = headers
        message.properties.expiration = nil
        return message
    }

    /// Whether the message, which now dies for the reason, has been in the target since anybody last rejected it: then it would go round for
    /// ever, and RabbitMQ drops it.
    static func isCycle(_ message: AMQPMessage, to target: String, _ reason: DeathReason) -> Bool {
        guard reason != .rejected else { return false }
        let deaths = deaths(in: message.properties.headers)
        guard let index = deaths.firstIndex(where: { $0["queue"]?.string == target }) else { return false }
        return deaths[...index].allSatisfy { $0["reason"]?.string != DeathReason.rejected.rawValue }
    }

    private static func deaths(in headers: [String: AMQPValue]) -> [[String: AMQPValue]] {
        guard case .array(let deaths) = headers[header] else { return [] }
        return deaths.compactMap { if case .table(let table) = $0 { table } else { nil } }
    }
}

extension Duration {
    /// Rounded up, as on the wire.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (milliseconds, isOverflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !isOverflow else { return seconds < 0 ? .min : .max }
        return milliseconds.addingReportingOverflow((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000).partialValue
    }
}
