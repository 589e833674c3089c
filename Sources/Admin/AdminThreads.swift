import NIOCore

/// How many threads NIO has in a supervisor, whatever the host's number of processors: each costs memory, and there is little to do.
package enum AdminThreads {
    private static let loops = 1
    /// For files: logs, audit, metrics.
    private static let fileThreads = 2

    /// To be called once, before anything uses NIO.
    package static func limit() {
        NIOSingletons.groupLoopCountSuggestion = loops
        NIOSingletons.blockingPoolThreadCountSuggestion = fileThreads
    }
}
