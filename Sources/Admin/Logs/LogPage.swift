/// A portion of lines, bounded in their number and in what they hold.
struct LogPage: Sendable {
    /// Bytes of text after which a page is full, whatever the number of its lines.
    static let maximumBytes = 1 << 20

    let maximumLines: Int
    /// True: the place behind each line is wanted too.
    let wantsCursors: Bool
    private(set) var lines: [LogLine] = []
    var cursors: [LogCursor] = []
    private var bytes = 0
    /// There may be more behind it already.
    var hasMore = false

    init(maximumLines: Int, wantsCursors: Bool = false) {
        self.maximumLines = maximumLines
        self.wantsCursors = wantsCursors
    }

    var isFull: Bool { lines.count >= maximumLines || bytes >= Self.maximumBytes }

    mutating func append(_ line: LogLine) {
        lines.append(line)
        bytes += line.text.utf8.count
    }
}
