import Supervision

/// The last lines of a service's logs and then each that comes, for as long as it is asked.
///
/// Nothing is buffered: a slow client is one that reads the files later.
struct LogFollower: AsyncSequence, Sendable {
    typealias Element = ServerSentEvents.Element

    /// How often the files are looked at when there is nothing new.
    static let pollInterval = Duration.milliseconds(200)

    let service: String
    let instance: Int?
    let lines: Int
    let control: any SupervisorControl

    func makeAsyncIterator() -> Iterator { Iterator(follower: self) }

    func files() async -> [LogFile] {
        await control.logFiles(service: service).filter { instance == nil || $0.instance == instance }
    }

    struct Iterator: AsyncIteratorProtocol {
        private let follower: LogFollower
        private var reader: LogReader?
        private var waiting: ArraySlice<LogLine> = []
        private var lastSent = ContinuousClock.now

        init(follower: LogFollower) { self.follower = follower }

        mutating func next() async throws -> Element? {
            while waiting.isEmpty {
                try Task.checkCancellation()
                if var reader {
                    waiting = try await reader.advance()[...]
                    if waiting.isEmpty {
                        if lastSent.duration(to: .now) >= ServerSentEvents.keepAlive {
                            lastSent = .now
                            return .keepAlive
                        }
                        try await Task.sleep(for: LogFollower.pollInterval)
                        reader.track(await follower.files())
                    }
                    self.reader = reader
                } else {
                    let reader = try await LogReader(follower.files())
                    waiting = try await reader.past(follower.lines)[...]
                    self.reader = reader
                }
            }
            lastSent = .now
            return waiting.popFirst().map { .event(name: "line", $0) }
        }
    }
}
