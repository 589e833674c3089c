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
        for (number, follower) in followers {
            // A gap would not be seen; an end is, and whoever comes back says what he has.
            guard case .dropped = follower.yield(record) else { continue }
            follower.finish()
            followers[number] = nil
        }
        return record
    }

    /// - Returns: the newest, oldest first; and whether the file may have older ones that belong to them.
    func newest(
        _ limit: Int, after sequence: Int, of service: String? = nil
    ) -> (records: [TransitionRecord], mayHaveMore: Bool) {
        let fitting = records.filter { $0.sequence > sequence && (service == nil || $0.service == service) }.suffix(max(0, limit))
        let oldest = records.first?.sequence ?? lastSequence + 1
        return (Array(fitting), fitting.count < limit && oldest - 1 > max(0, sequence))
    }

    /// - Returns: the oldest ones after `sequence`; nil: the file has older ones that belong to them.
    func oldest(_ limit: Int, after sequence: Int, of service: String? = nil) -> [TransitionRecord]? {
        guard (records.first?.sequence ?? lastSequence + 1) - 1 <= max(0, sequence) else { return nil }
        return Array(records.lazy.filter { $0.sequence > sequence && (service == nil || $0.service == service) }.prefix(max(0, limit)))
    }

    /// Whether the end of this very process is among the latest records: after the one of its start, which names its pid, and is no older
    /// than it.
    func hasEnd(of id: InstanceID, pid: Int, startedAt: Double, _ evidence: String) -> Bool {
        let start = TimeText.iso8601(secondsSince1970: startedAt)
        let own = records.filter { $0.service == id.service && $0.instance == id.number }
        guard let risen = own.lastIndex(where: { $0.evidence == "pid \(pid)" && $0.time >= start }) else { return false }
        return own[risen...].dropFirst().contains { $0.evidence == evidence && !Self.labelsOfLife.contains($0.to) }
    }

    /// To which a process comes before its end is known, be it new or old.
    private static let labelsOfLife: Set<String> = ["ending", "new ending", "old ending", "draining", "stopping", "old stopping"]

    /// Ends when the follower is too far behind, or nothing more comes.
    ///
    /// - Parameter onEnd: is given the follower's number once nobody listens any more.
    mutating func follow(onEnd: @escaping @Sendable (Int) -> Void) -> AsyncStream<TransitionRecord> {
        lastFollower += 1
        let number = lastFollower
        let (stream, continuation) = AsyncStream<TransitionRecord>.makeStream(bufferingPolicy: .bufferingOldest(Self.followerBuffer))
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
