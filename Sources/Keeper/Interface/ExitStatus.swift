/// How a process ended.
package enum ExitStatus: Codable, Sendable, Equatable {
    /// It returned from main or called exit with this code.
    case exited(Int32)
    /// This signal ended it.
    case signalled(Int32, coreDumped: Bool)
}

extension ExitStatus: CustomStringConvertible {
    /// For a person: "exited with 3", "killed by signal 9".
    package var description: String {
        switch self {
        case .exited(let code): "exited with \(code)"
        case .signalled(let signal, let coreDumped): "killed by signal \(signal)" + (coreDumped ? " (core dumped)" : "")
        }
    }
}
