/// The latest transitions in memory, all of them in a file, and whoever follows them.
struct TransitionLog {
    /// In memory; the file has more.
    static let capacity = 1_000
    static let followerBuffer = 1_000

    let file: AuditFile
    private let writer: StateWriter
    private var records: [TransitionRecord] = []
    private var lastSequence = 0
    private var followers: [Int: AsyncStream<TransitionRecord>.Continuation] = [:]
    private var lastFollower = 0

    /// Goes on where the file ends.
    init(path: String, writer: StateWriter) {
        file = AuditFile(path: path)
        self.writer = writer
        records = file.tail()
        lastSequence = records.last?.sequence ?? 0
    }

    mutating func append(_ transition: Transition, secondsSince1970: Double) -> TransitionRecord {
        lastSequence += 1
        let record = TransitionRecord(
            sequence: lastSequence, time: TimeText.iso8601(secondsSince1970: secondsSince1970), service: transition.service,
            instance: transition.instance, from: transition.from, to: transition.to, cause: transition.cause,
            evidence: transition.evidence, actor: transition.actor)
        records.append(record)
        // In portions, so that not every append moves the whole.
        if records.count >= 2 * Self.capacity { records.removeFirst(records.count - Self.capacity) }
        let file = file
        writer.add { file.append(record) }
        for follower in followers.values { follower.yield(record) }
        return record
    }

    /// - Returns: the newest, oldest first; and whether the file may have older ones that belong to them.
    func newest(
        _ limit: Int, after sequence: Int, of service: String? = nil
    ) -> (records: [TransitionRecord], mayHaveMore: Bool) {
        let fitting = records.filter { $0.sequence > sequence && (service == nil || $0.service == service) }.suffix(max(0, limit))
        let oldest = records.first?.sequence ?? lastSequence + 1
        return (Array(fitting), fitting.count < limit && oldest > max(1, sequence + 1))
    }

    /// - Parameter onEnd: is given the follower's number once nobody listens any more.
    mutating func follow(onEnd: @escaping @Sendable (Int) -> Void) -> AsyncStream<TransitionRecord> {
        lastFollower += 1
        let number = lastFollower
        let (stream, continuation) = AsyncStream<TransitionRecord>.makeStream(bufferingPolicy: .bufferingNewest(Self.followerBuffer))
        continuation.onTermination = { _ in onEnd(number) }
        followers[number] = continuation
        return stream
    }

    mutating func unfollow(_ number: Int) { followers[number] = nil }

    mutating func finish() {
        let all = followers.values
        followers = [:]
        for follower in all { follower.finish() }
    }
}
