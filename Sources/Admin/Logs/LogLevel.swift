/// How much a line matters.
package enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case trace, debug, info, notice, warning, error, critical

    /// - Parameter word: as people and libraries write it, in any case: `warn`, `WARNING`, `fatal`, `30`.
    package init?(word: some StringProtocol) {
        if let number = Int(word) {
            self.init(number: number)
            return
        }
        switch word.lowercased() {
        case "trace", "verbose": self = .trace
        case "debug": self = .debug
        case "info", "information", "log": self = .info
        case "notice": self = .notice
        case "warn", "warning": self = .warning
        case "err", "error", "severe": self = .error
        case "critical", "crit", "fatal", "panic", "alert", "emerg", "emergency", "dpanic": self = .critical
        default: return nil
        }
    }

    /// - Parameter number: as bunyan and pino write it: 10 trace … 60 fatal.
    init(number: Int) {
        switch number {
        case ..<20: self = .trace
        case ..<30: self = .debug
        case ..<40: self = .info
        case ..<50: self = .warning
        case ..<60: self = .error
        default: self = .critical
        }
    }

    /// Of one line: a JSON object's `level`, else what its stream stands for.
    init(text: UnsafeRawBufferPointer, isError: Bool) {
        guard text.first == UInt8(ascii: "{") else {
            self = isError ? .error : .info
            return
        }
        self = LogLevelScanner(text).level ?? .info
    }

    package static func < (one: LogLevel, other: LogLevel) -> Bool { one.rank < other.rank }

    private var rank: Int {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }
}
