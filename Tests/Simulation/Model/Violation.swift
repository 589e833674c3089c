/// Something that must hold, and did not.
package struct Violation: Error, Sendable, CustomStringConvertible {
    package let seed: UInt64
    package let event: Int
    package let message: String
    /// The latest events with what came of them, oldest first.
    package let trace: [String]

    package var description: String {
        (["seed \(seed), event \(event): \(message)", "the latest events:"] + trace.map { "  \($0)" }).joined(separator: "\n")
    }
}
