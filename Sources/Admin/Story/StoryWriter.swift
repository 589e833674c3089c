package import Supervision

/// Makes a story of a service's transitions. Pure.
package struct StoryWriter: Sendable {
    private let service: String
    private let instance: Int?
    private let records: [TransitionRecord]
    private let status: ServiceStatus

    /// - Parameters:
    ///   - records: the service's, oldest first.
    ///   - instance: nil: all.
    package init(_ records: [TransitionRecord], status: ServiceStatus, instance: Int? = nil) {
        service = status.name
        self.instance = instance
        self.records = records.filter { $0.service == status.name && (instance == nil || $0.instance == nil || $0.instance == instance) }
        self.status = status
    }

    /// - Parameter limit: the most sentences about the past, the newest ones.
    package func story(limit: Int) -> Story {
        Story(
            service: service, instance: instance, state: state,
            now: PresentWriter(status, instance: instance, last: records.last).sentences,
            events: Array(events.suffix(max(0, limit))), advice: StoryAdvice(status, instance: instance, records: records).sentences)
    }

    private var state: String {
        instance.flatMap { number in status.instances.first { $0.instance == number }?.state } ?? status.state.rawValue
    }

    /// One a transition, but what happens again and again is summed up.
    private var events: [Story.Event] {
        // With one instance there is no other to be told from.
        let namesInstance = instance == nil && Set(records.compactMap(\.instance)).count > 1
        var chapters: [Int: InstanceChapter] = [:]
        var told: [(sequence: Int, event: Story.Event)] = []
        for record in records {
            guard let number = record.instance else {
                told.append((record.sequence, TransitionSentence(record, subject: "It").event))
                continue
            }
            chapters[number, default: InstanceChapter(subject: namesInstance ? "Instance \(number)" : "It")].add(record)
        }
        for chapter in chapters.values { told += chapter.events }
        return told.sorted { $0.sequence < $1.sequence }.map(\.event)
    }
}
