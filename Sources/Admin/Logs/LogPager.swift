import Supervision

/// The logs of several instances as one, in the order of time, a portion at a time.
struct LogPager: Sendable {
    /// Bytes for the blocks of all logs together.
    private static let memory = 4 << 20
    private static let blockSizes = (8 << 10)...(256 << 10)

    private(set) var tails: [LogTail]
    /// When its logs were looked up.
    private var time: LogTimestamp

    init(_ listing: LogListing, from cursor: (LogFile) -> LogPosition) {
        let blockSize = Self.blockSize(for: listing.logs.count)
        time = listing.time
        tails = listing.logs.map { LogTail($0, at: cursor($0), blockSize: blockSize) }
    }

    static func blockSize(for count: Int) -> Int {
        min(max(memory / max(count, 1), blockSizes.lowerBound), blockSizes.upperBound)
    }

    /// Where to go on: before all that has not been handed over.
    var cursor: LogCursor {
        LogCursor(time: time, positions: Dictionary(tails.map { (LogCursor.Key($0.log), $0.position) }) { $1 })
    }

    /// The instances of which lines are lost: files were deleted before they were read.
    var gaps: [String] { tails.filter(\.hasGap).map { "\($0.log.service)/\($0.log.instance)" } }

    /// Follows what has come and gone.
    /// - Parameter start: of a log that is new.
    mutating func track(_ listing: LogListing, from start: (LogFile) -> LogPosition) {
        time = listing.time
        guard listing.logs != tails.map(\.log) else { return }
        let blockSize = Self.blockSize(for: listing.logs.count)
        tails = listing.logs.map { log in tails.first { $0.log == log } ?? LogTail(log, at: start(log), blockSize: blockSize) }
    }

    /// Appends lines to `page` until it is full, nothing is left, or the budget is spent.
    /// - Returns: False when the budget was spent first; to be called again.
    mutating func fill(_ page: inout LogPage, _ filter: LogFilter, budget: Int) -> Bool {
        var budget = budget
        var ended = Set<Int>()
        while !page.isFull {
            var next: Int?
            for index in tails.indices where !ended.contains(index) {
                switch tails[index].advance(filter, budget: &budget) {
                case .paused: return false
                case .end: ended.insert(index)
                case .head:
                    if next.map({ tails[index].headTime < tails[$0].headTime }) ?? true { next = index }
                }
            }
            guard let next, let line = tails[next].take() else { break }
            page.append(line)
            if page.wantsCursors { page.cursors.append(cursor) }
        }
        page.hasMore = page.isFull
        return true
    }
}
