package import Topology

/// How a process ended.
package struct Termination: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
    }

    package var kind: Kind
    /// The kernel ended something of it because there was no memory left. Never of one that ended with status 0.
    package private(set) var isOutOfMemory: Bool

    package init(_ kind: Kind, isOutOfMemory: Bool = false) {
        self.kind = kind
        self.isOutOfMemory = isOutOfMemory && kind != .exited(0)
    }

    /// One of `ends` is this one.
    package func fits(_ ends: Set<RestartException.End>) -> Bool {
        if isOutOfMemory && ends.contains(.outOfMemory) { return true }
        return switch kind {
        case .exited(let status): ends.contains(.status(status))
        case .signalled(let signal): ends.contains(.signal(signal))
        }
    }

    package var isSuccess: Bool { kind == .exited(0) }

    package var description: String {
        let end =
            switch kind {
            case .exited(let status): "status \(status)"
            case .signalled(let signal): "signal \(signal)" + (SignalName.of(signal).map { " (\($0))" } ?? "")
            }
        return end + (isOutOfMemory ? ", out of memory" : "")
    }
}
