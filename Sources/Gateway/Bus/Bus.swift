import AMQP
import Topology

/// Requests over the bus, as the event loops see it.
protocol Bus: Sendable {
    /// - Returns: the reply, whatever its status.
    func request(
        _ message: AMQPMessage, queue: String, replyMode: Route.ReplyMode, deadline: ContinuousClock.Instant
    ) async throws(AMQPError) -> AMQPMessage
    /// Connects for the reply modes that will be needed.
    func prepare(for routes: [Route])
    func close() async
}
