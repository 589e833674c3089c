/// A difference between two schemas of one event that somebody who reads or writes it would notice.
public struct ContractChange: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        case fieldRemoved, requiredFieldAdded, optionalFieldAdded, madeOptional, madeRequired, retyped, boundsChanged, formatChanged
        case valueRemoved, valueAdded, nullAllowed, nullRefused
    }

    public var kind: Kind
    /// The way to the value: `items[].quantity`; empty: the whole event.
    public var path: String
    /// What was and what is: `integer → string`.
    public var detail: String

    public var description: String { "\(path.isEmpty ? "the event" : path): \(words)" }

    private var words: String {
        switch kind {
        case .fieldRemoved: "the field was removed, and services that read it are still there"
        case .requiredFieldAdded: "the new field is required, and events that are on their way do not have it; make it optional"
        case .optionalFieldAdded: "the optional field is new"
        case .madeOptional: "the field need not be there any more, and services that need it are still there"
        case .madeRequired: "the field has become required, and events that are on their way need not have it"
        case .retyped: "the type was changed (\(detail))"
        case .boundsChanged: "the bounds were changed (\(detail))"
        case .formatChanged: "the format was changed (\(detail))"
        case .valueRemoved: "\(detail) cannot be read any more, and events that have it are on their way"
        case .valueAdded: "\(detail) is new, and services that do not know it are still there"
        case .nullAllowed: "null is allowed now, and services that cannot read it are still there"
        case .nullRefused: "null is refused now, and events that have it are on their way"
        }
    }
}
