import Admin
import FoundationEssentials
import HTTPClient

/// A portion of logs, and where to go on.
struct LogAnswer {
    var lines: [LogLine]
    var cursor: String
    /// There is more already.
    var hasMore: Bool
    /// Instances of which lines are lost.
    var gaps: String?

    init(_ response: HTTPClient.Response) throws {
        guard let cursor = response.header("Signalbox-Cursor") else {
            throw CommandFailure(
                "The Signalbox that runs is of a version whose logs cannot be followed by this command. Bring it up to date with: signalbox upgrade"
            )
        }
        self.cursor = cursor
        hasMore = response.header("Signalbox-More") == "true"
        gaps = response.header("Signalbox-Gaps")
        let decoder = JSONDecoder()
        lines = try response.body.split(separator: UInt8(ascii: "\n")).map { try decoder.decode(LogLine.self, from: Data($0)) }
    }
}
