import FoundationEssentials
import NIOCore
import NIOPosix
import Supervision

/// Lines from where a client wants to begin, and then each that comes, for as long as it is asked.
///
/// Nothing is buffered beyond a portion: a slow client is one that reads the files later.
struct LogFollower: AsyncSequence, Sendable {
    typealias Element = ServerSentEvents.Element

    /// How often the files are looked at when there is nothing new.
    static let pollInterval = Duration.milliseconds(200)
    /// How often it is looked for logs that have come.
    private static let listInterval = Duration.seconds(1)
    private static let portion = 500
    /// A client is told its place behind each line while the places of so many logs are short enough to be said; with more logs, behind
    /// each portion.
    private static let maximumLogsWithPlaces = 32

    let query: LogQuery
    let logs: Logs

    func makeAsyncIterator() -> Iterator { Iterator(follower: self) }

    struct Iterator: AsyncIteratorProtocol {
        private let follower: LogFollower
        private var reader: LogReader?
        private var lastSent = ContinuousClock.now
        private var lastListed = ContinuousClock.now
        private var toldGaps: [String] = []

        init(follower: LogFollower) { self.follower = follower }

        mutating func next() async throws -> Element? {
            while true {
                try Task.checkCancellation()
                if let events = try await portion() {
                    lastSent = .now
                    return .event(events)
                }
                if lastSent.duration(to: .now) >= ServerSentEvents.keepAlive {
                    lastSent = .now
                    return .keepAlive
                }
                try await Task.sleep(for: LogFollower.pollInterval)
            }
        }

        private mutating func portion() async throws -> ByteBuffer? {
            var reader: LogReader
            if let current = self.reader {
                reader = current
                if lastListed.duration(to: .now) >= LogFollower.listInterval {
                    lastListed = .now
                    reader.track(try await follower.logs.listing(follower.query.selection))
                }
            } else {
                reader = try await follower.logs.reader(follower.query)
            }
            let wantsPlaces = reader.pager.tails.count <= LogFollower.maximumLogsWithPlaces
            let page = try await reader.page(LogPage(maximumLines: LogFollower.portion, wantsCursors: wantsPlaces))
            self.reader = reader
            let gaps = reader.pager.gaps
            defer { toldGaps = gaps }
            guard !page.lines.isEmpty || gaps != toldGaps else { return nil }
            var text = ByteBuffer()
            if gaps != toldGaps { ServerSentEvents.write(name: "gap", ["logs": gaps], to: &text) }
            for (index, line) in page.lines.enumerated() {
                let isLast = index == page.lines.count - 1
                let place = wantsPlaces ? page.cursors[index].word : isLast ? reader.pager.cursor.word : nil
                ServerSentEvents.write(id: place, name: "line", line, to: &text)
            }
            return text
        }
    }
}
