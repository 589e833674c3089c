/// Brings messages from one queue to another without losing or reordering any. Over AMQP: the management API has no confirms.
package protocol MessageMover: Sendable {
    /// Takes each message in its order, publishes it to the exchange under the routing key that it had, and acknowledges it when that has
    /// been confirmed. What fails in between is in both queues, under the same message id.
    ///
    /// It returns when the queue gives nothing for a moment, or the limit has passed.
    func move(from queue: String, through exchange: String, limit: Duration) async throws -> MoveOutcome
}

package struct MoveOutcome: Sendable, Equatable {
    package var moved: Int
    /// At some time nothing was left.
    package var hasCaughtUp: Bool

    package init(moved: Int, hasCaughtUp: Bool) {
        self.moved = moved
        self.hasCaughtUp = hasCaughtUp
    }
}
