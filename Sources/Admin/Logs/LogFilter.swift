import Glibc

/// Which lines are wanted.
struct LogFilter: Sendable, Equatable {
    enum Verdict {
        case wanted, unwanted
        /// It, and all that follow it, came too late.
        case tooLate
    }

    var minimumLevel: LogLevel?
    /// The first time that is wanted.
    var since: LogTimestamp?
    /// The first time that is not.
    var until: LogTimestamp?
    /// What a line's text must hold, byte for byte.
    var text: [UInt8] = []

    /// - Parameter time: the line's, or that of the line before it.
    func verdict(_ parts: LogLineParts, time: LogTimestamp) -> Verdict {
        if let until, time >= until { return .tooLate }
        if let since, time < since { return .unwanted }
        if !text.isEmpty, !contains(parts.text) { return .unwanted }
        if let minimumLevel, LogLevel(text: parts.text, isError: parts.isError) < minimumLevel { return .unwanted }
        return .wanted
    }

    private func contains(_ line: UnsafeRawBufferPointer) -> Bool {
        text.withUnsafeBytes { wanted in
            guard var place = line.baseAddress, let pattern = wanted.baseAddress, let first = wanted.first else { return text.isEmpty }
            // The last place where it could begin is one before this one.
            let end = place + line.count - wanted.count + 1
            while place < end {
                guard let candidate = memchr(place, Int32(first), end - place) else { return false }
                if memcmp(candidate, pattern, wanted.count) == 0 { return true }
                place = UnsafeRawPointer(candidate) + 1
            }
            return false
        }
    }
}
