import Glibc
import NIOPosix
import TraceStore

/// Keeps the local store of traces within its bounds, for as long as the supervisor runs.
package enum TraceSweeper {
    /// Each process bounds its own files in between.
    private static let interval = Duration.seconds(60)

    /// Returns when the task is cancelled.
    package static func run(stateDirectory: String) async throws {
        let folder = TraceFolder(path: StateDirectory(path: stateDirectory).traces)
        while true {
            try await NIOThreadPool.singleton.runIfActive { folder.sweep(now: time(nil)) }
            try await Task.sleep(for: interval)
        }
    }
}
