/// An exchange of a `TestBroker`.
public struct TestExchange: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        case topic, direct, fanout, headers
    }

    public var name: String
    public var kind: Kind

    public init(_ name: String, _ kind: Kind = .topic) {
        self.name = name
        self.kind = kind
    }
}
