import AMQP
import Logging
import Synchronization
import Topology

/// The bus on RabbitMQ: one requester for each reply mode that a route names.
final class BrokerBus: Bus {
    /// How long a request waits for a connection that is being made before it is answered 503, and how often it looks.
    private static let connectionWait = Duration.milliseconds(100)
    private static let connectionPoll = Duration.milliseconds(5)

    private let configuration: AMQPConfiguration
    private let logger: Logger
    private let requesters = Mutex<[Route.ReplyMode: AMQPRequester]>([:])

    init(configuration: AMQPConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    func prepare(for routes: [Route]) {
        for route in routes {
            if case .queue(_, let mode) = route.target { _ = requester(for: mode) }
        }
    }

    func request(
        _ message: AMQPMessage, queue: String, replyMode: Route.ReplyMode, deadline: ContinuousClock.Instant
    ) async throws(AMQPError) -> AMQPMessage {
        let requester = requester(for: replyMode)
        let connectedBy = min(deadline, .now + Self.connectionWait)
        while await !requester.isConnected {
            guard ContinuousClock.now < connectedBy, (try? await Task.sleep(for: Self.connectionPoll)) != nil else {
                throw AMQPError(.notConnected, "there is no connection to the broker")
            }
        }
        return try await requester.request(
            message, exchange: Queue.requestExchangeName, routingKey: queue, consumedFrom: queue, deadline: deadline)
    }

    func close() async {
        let all = requesters.withLock { requesters in
            defer { requesters = [:] }
            return Array(requesters.values)
        }
        for requester in all { await requester.close() }
    }

    private func requester(for mode: Route.ReplyMode) -> AMQPRequester {
        requesters.withLock { requesters in
            if let requester = requesters[mode] { return requester }
            let replyMode: AMQPReplyMode =
                switch mode {
                case .exclusive: .exclusiveQueue
                case .temporary: .temporaryQueue
                case .direct: .directReplyTo
                }
            let requester = AMQPRequester(configuration: configuration, logger: logger, replyMode: replyMode)
            requesters[mode] = requester
            return requester
        }
    }
}
