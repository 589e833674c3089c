import Logging

/// Whether a broker answers.
public enum AMQPProbe {
    /// Connects, logs in, opens a channel and closes properly.
    public static func roundTrip(url: String, timeout: Duration) async -> Bool {
        guard var configuration = try? AMQPConfiguration(url: url, connectionName: "signalbox probe") else { return false }
        configuration.connectTimeout = timeout
        configuration.replyTimeout = timeout
        let consumer = AMQPConsumer(configuration: configuration, logger: Logger(label: "amqp.probe") { _ in SwiftLogNoOpLogHandler() })
        var isAnswering = false
        do {
            try await consumer.waitUntilConnected(deadline: .now + timeout)
            try await consumer.openAndCloseChannel()
            isAnswering = true
        } catch {
            // The answer is no.
        }
        await consumer.close()
        return isAnswering
    }
}
