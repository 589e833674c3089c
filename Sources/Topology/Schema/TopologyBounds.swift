/// What the numbers of a topology may be. The decoder refuses what is outside; the JSON Schema tells editors.
enum TopologyBounds {
    static let port = 1...65535
    static let instances = 0...256
    static let threshold = 1...1000
    static let prefetch = 1...65535
    static let immediateRetries = 0...20
    static let retryRungs = 10
    static let backlog = 1...1_000_000
    static let restarts = 1...10_000
    static let maximumLength = 1...1_000_000_000
    static let openFiles = 16...1_048_576
    static let processes = 1...1_000_000
    /// Bytes.
    static let memory = (1 << 20)...(1 << 50)
    static let cores = 0.01...1024.0
    static let backoffFactor = 1.0...100.0
    static let exitStatus = 0...255
    static let jitter = 0.0...1.0
    /// Of the time.
    static let utilisation = 0.01...1.0
    static let tolerance = 0.0...1.0
    /// Bytes of one log file.
    static let logSize = (4 << 10)...(1 << 40)
    static let logFiles = 0...1000

    static let probePeriod: ClosedRange<Duration> = .milliseconds(100)...(.seconds(86_400))
    static let probeTimeout: ClosedRange<Duration> = .milliseconds(10)...(.seconds(86_400))
    static let watchdog: ClosedRange<Duration> = .milliseconds(100)...(.seconds(86_400))
    static let readyWithin: ClosedRange<Duration> = .milliseconds(100)...(.seconds(86_400))
    static let startDeadline: ClosedRange<Duration> = .zero...(.seconds(7 * 86_400))
    static let scaleDelay: ClosedRange<Duration> = .zero...(.seconds(86_400))
    static let logAge: ClosedRange<Duration> = .seconds(60)...(.seconds(3650 * 86_400))
    static let probeDelay: ClosedRange<Duration> = .zero...(.seconds(86_400))
    static let backoff: ClosedRange<Duration> = .milliseconds(1)...(.seconds(86_400))
    static let restartWindow: ClosedRange<Duration> = .milliseconds(100)...(.seconds(7 * 86_400))
    static let stopGrace: ClosedRange<Duration> = .zero...(.seconds(86_400))
    static let retryDelay: ClosedRange<Duration> = .milliseconds(10)...(.seconds(30 * 86_400))
    static let messageTTL: ClosedRange<Duration> = .milliseconds(1)...(.seconds(365 * 86_400))
    static let routeTimeout: ClosedRange<Duration> = .milliseconds(10)...(.seconds(86_400))
    static let cacheTTL: ClosedRange<Duration> = .milliseconds(1)...(.seconds(365 * 86_400))
}
