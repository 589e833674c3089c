import NIOPosix
import Supervision

/// The logs of a service's instances as one. Files are read on NIO's thread pool, never on Swift's cooperative threads.
struct LogReader: Sendable {
    private var cursors: [LogCursor]

    init(_ files: [LogFile]) async throws {
        cursors = try await NIOThreadPool.singleton.runIfActive { files.map { LogCursor($0) } }
    }

    /// The last `count` lines of all together, oldest first.
    func past(_ count: Int) async throws -> [LogLine] {
        let cursors = cursors
        return try await NIOThreadPool.singleton.runIfActive {
            Array(Self.merge(cursors.map { $0.past(count) }).suffix(count))
        }
    }

    /// What has come since. Empty: nothing new.
    mutating func advance() async throws -> [LogLine] {
        let current = cursors
        let (moved, lines) = try await NIOThreadPool.singleton.runIfActive {
            var cursors = current
            var lines: [[LogLine]] = []
            for index in cursors.indices { lines.append(cursors[index].advance()) }
            return (cursors, lines)
        }
        cursors = moved
        return Self.merge(lines)
    }

    /// Takes up instances that have come, and lets go of those that are gone.
    mutating func track(_ files: [LogFile]) {
        guard files != cursors.map(\.file) else { return }
        cursors = files.map { file in cursors.first { $0.file == file } ?? LogCursor(fromStartOf: file) }
    }

    /// By time; lines of one instance stay in their order, and one without a time stays with the one before it.
    static func merge(_ logs: [[LogLine]]) -> [LogLine] {
        guard logs.count > 1 else { return logs.first ?? [] }
        let keyed = logs.flatMap { log in
            var time = ""
            return log.map { line in
                time = max(time, line.time)
                return (time: time, line: line)
            }
        }
        // Swift's sort is stable.
        return keyed.sorted { $0.time < $1.time }.map(\.line)
    }
}
