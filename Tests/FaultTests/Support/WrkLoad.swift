import Foundation
import TestSupport

/// Debian's `wrk` for as long as a test wants it.
struct WrkLoad {
    private static let program = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map { "\($0)/wrk" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
    private static let longest = "30m"

    private let script: GuardedScript
    private let report: String

    /// Nil where it is not installed.
    init?(url: String, folder: String) throws {
        guard let program = Self.program else { return nil }
        report = folder + "/wrk.txt"
        script = try GuardedScript(
            """
            "$1" --threads 1 --connections 8 --duration "$2" --timeout 10s "$3" > "$4" 2>&1 3<&- & load=$!
            read -r line <&3
            kill -s INT $load
            wait $load
            """, arguments: [program, Self.longest, url, report], logFile: folder + "/wrk.log")
    }

    /// - Returns: its report.
    func stop() async throws -> String {
        script.send("stop")
        try await eventually("the end of wrk") { script.status != nil }
        return try String(contentsOfFile: report, encoding: .utf8)
    }
}
