/// Asks the broker how many consumers queues have, on a channel that is kept for it. It belongs to the connection's thread.
final class ConsumerInquiry: ChannelHandler {
    enum Answer: Equatable {
        case consumed
        case notConsumed
        /// There is no such queue, it is another connection's, or the broker cannot tell.
        case unknown
    }

    /// RabbitMQ waits 250 ms for a quorum queue's leader and then answers that there is no consumer.
    static let believedWithin: Duration = .milliseconds(200)
    /// So often a queue is asked about whose answer comes late: by then a leader is elected, and a busy broker is believed.
    static let maximumQuestions = 3

    private struct Question {
        let queue: String
        let asked: ContinuousClock.Instant
        /// From 1.
        var number = 1
    }

    private var link: Link?
    private var channel: UInt16?
    private var questions = FIFO<Question>()

    var answered: (_ queue: String, Answer) -> Void = { _, _ in }

    /// Questions that were on their way are forgotten.
    /// - Parameter link: nil when the connection is lost.
    func linkChanged(_ link: Link?) {
        self.link = link
        channel = nil
        questions = FIFO()
    }

    /// - Returns: whether an answer will come (or `linkChanged`).
    func ask(_ queue: String) -> Bool {
        ask(queue, number: 1)
    }

    private func ask(_ queue: String, number: Int) -> Bool {
        guard let link, link.isOpen else { return false }
        do throws(AMQPError) {
            if channel == nil { channel = try link.openChannel(self) }
            guard let channel else { return false }
            try link.send(.queueDeclare(QueueDeclaration(queue: queue, isPassive: true)), channel: channel)
        } catch {
            return false
        }
        questions.append(Question(queue: queue, asked: .now, number: number))
        return true
    }

    func received(_ event: ChannelEvent) {
        switch event {
        case .replied(.queueDeclareOk(_, _, let consumers)):
            guard let question = questions.popFirst() else { return }
            if consumers > 0 { return answered(question.queue, .consumed) }
            let isBelieved = question.asked.duration(to: .now) < Self.believedWithin || question.number >= Self.maximumQuestions
            if isBelieved { return answered(question.queue, .notConsumed) }
            if !ask(question.queue, number: question.number + 1) { answered(question.queue, .unknown) }
        case .closed:
            // The oldest question is what the broker did not like; it has not looked at the others.
            channel = nil
            let unanswered = Array(questions.map(\.queue))
            questions = FIFO()
            if let culprit = unanswered.first { answered(culprit, .unknown) }
            for queue in unanswered.dropFirst() where !ask(queue) { answered(queue, .unknown) }
        default: break
        }
    }
}
