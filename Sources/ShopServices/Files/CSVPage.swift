import Foundation

/// One page of a CSV file's rows. The first row is the header.
struct CSVPage: Encodable, Equatable, Sendable {
    static let defaultSize = 50
    static let sizes = 1...1000
    static let chunkBytes = 64 << 10

    var path: String
    /// From 1.
    var page: Int
    var pageSize: Int
    var header: [String]
    var rows: [[String]]
    var hasMore: Bool

    enum CodingKeys: String, CodingKey {
        case path
        case page
        case pageSize = "page_size"
        case header
        case rows
        case hasMore = "has_more"
    }

    /// Reads as much of the file as the page needs, in pieces.
    /// - Throws: `CancellationError` when the deadline passes: nobody waits for the page any more.
    init(path: String, page: Int, pageSize: Int, in root: FileRoot, until deadline: ContinuousClock.Instant) throws {
        let file = try root.openFile(path)
        var parser = CSVParser()
        var header: [String]?
        var rows: [[String]] = []
        let (skipped, overflow) = (page - 1).multipliedReportingOverflow(by: pageSize)
        var toSkip = overflow ? Int.max : skipped
        var hasMore = false
        func take(_ row: [String]) {
            if header == nil {
                header = row
            } else if toSkip > 0 {
                toSkip -= 1
            } else if rows.count < pageSize {
                rows.append(row)
            } else {
                hasMore = true
            }
        }
        var isFirst = true
        var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
        while !hasMore {
            guard .now < deadline else { throw CancellationError() }
            let count = read(file.descriptor, &chunk, chunk.count)
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw FileAccessError.failed(path, errno)
            }
            if count == 0 {
                if let last = parser.finish() { take(last) }
                break
            }
            // A byte order mark is no part of the first field's name.
            let start = isFirst && count >= 3 && chunk[0] == 0xEF && chunk[1] == 0xBB && chunk[2] == 0xBF ? 3 : 0
            isFirst = false
            for row in try parser.feed(chunk[start..<count]) { take(row) }
        }
        self.path = path
        self.page = page
        self.pageSize = pageSize
        self.header = header ?? []
        self.rows = rows
        self.hasMore = hasMore
    }
}
