/// What keeps an event's contract from being published.
public struct ContractMistake: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// A version that is not in the record yet, or an addition that needs none: recording puts it right.
        case unrecorded
        case incompatible
        case versionWentBack
        case upcasterMissing
        /// Two from one version, or from one that does not come before.
        case upcasterUnusable
        /// What the record allows of an older version cannot be read.
        case upcasterWrong
        /// The oldest version that is said to read this one does not.
        case readerWrong
        case ambiguous
        case noLongerThere
        /// The JSON cannot be found out, or a record's file cannot be understood.
        case unreadable
    }

    public var kind: Kind
    /// `order.created version 2`, or a file.
    public var subject: String
    /// What happened and what to do.
    public var message: String

    public var description: String { "\(subject): \(message)" }
}

public struct ContractMistakes: Error, Sendable, CustomStringConvertible {
    public var mistakes: [ContractMistake]

    public var description: String { mistakes.map(\.description).joined(separator: "\n") }
}
