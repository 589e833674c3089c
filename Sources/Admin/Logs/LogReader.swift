import NIOPosix
import Supervision

/// Reads logs for one client. Files are read on NIO's thread pool, a few megabytes at a time: neither the admin loop nor Swift's
/// cooperative threads wait for a disk, and a long search lets others in between.
struct LogReader: Sendable {
    /// Where to begin.
    enum Start: Sendable {
        /// With the last so many lines that are wanted.
        case last(Int)
        /// With the first line that is wanted.
        case first
        case cursor(LogCursor)
    }

    /// Bytes after which a piece of work lets others in.
    private static let slice = 4 << 20

    let filter: LogFilter
    private(set) var pager: LogPager

    init(_ listing: LogListing, from start: Start, _ filter: LogFilter) async throws {
        self.filter = filter
        switch start {
        case .first:
            let since = filter.since
            pager = try await NIOThreadPool.singleton.runIfActive {
                LogPager(listing) { log in since.map { LogArchive(path: log.path).position(at: $0) } ?? .start }
            }
        case .cursor(let cursor): pager = LogPager(listing) { cursor.position(of: $0) }
        case .last(let count):
            let places = try await Self.places(ofLast: count, listing.logs, filter)
            pager = LogPager(listing) { places[LogCursor.Key($0)] ?? .start }
        }
    }

    /// The next lines; none: there is nothing new.
    mutating func page(_ empty: LogPage) async throws -> LogPage {
        var page = empty
        while true {
            try Task.checkCancellation()
            let (current, begun, filter) = (pager, page, filter)
            let (moved, filled, isDone) = try await NIOThreadPool.singleton.runIfActive {
                var pager = current
                var page = begun
                let isDone = pager.fill(&page, filter, budget: Self.slice)
                return (pager, page, isDone)
            }
            pager = moved
            page = filled
            if isDone { return page }
        }
    }

    mutating func track(_ listing: LogListing) { pager.track(listing) { _ in .start } }

    /// Goes backwards through all logs at once until so many lines have been found, and notes where they begin. None is kept: a hundred
    /// thousand lines take no more memory than one.
    private static func places(
        ofLast count: Int, _ logs: [LogFile], _ filter: LogFilter
    ) async throws -> [LogCursor.Key: LogPosition] {
        let blockSize = LogPager.blockSize(for: logs.count)
        var rewinders = try await NIOThreadPool.singleton.runIfActive { logs.map { LogRewinder($0, blockSize: blockSize) } }
        var missing = count
        while missing > 0 {
            try Task.checkCancellation()
            let (current, wanted) = (rewinders, missing)
            let (moved, left) = try await NIOThreadPool.singleton.runIfActive { rewind(current, wanted, filter) }
            rewinders = moved
            guard let left else { break }
            missing = left
        }
        return Dictionary(rewinders.map { (LogCursor.Key($0.log), $0.position) }) { $1 }
    }

    /// - Returns: how many lines are still to be found; nil: there are no more.
    private static func rewind(_ rewinders: [LogRewinder], _ count: Int, _ filter: LogFilter) -> ([LogRewinder], Int?) {
        var rewinders = rewinders
        var budget = slice
        var missing = count
        var ended = Set<Int>()
        while missing > 0 {
            var next: (index: Int, time: LogTimestamp)?
            for index in rewinders.indices where !ended.contains(index) {
                switch rewinders[index].advance(filter, budget: &budget) {
                case .paused: return (rewinders, missing)
                case .end: ended.insert(index)
                case .found:
                    let time = rewinders[index].time ?? .none
                    if next.map({ time >= $0.time }) ?? true { next = (index, time) }
                }
            }
            guard let next else { return (rewinders, nil) }
            rewinders[next.index].take()
            missing -= 1
        }
        return (rewinders, missing)
    }
}
