/// A step from one shape of a service's schema to the next. It is applied once, in a transaction; once applied it must never change.
public struct Migration: Sendable, Equatable {
    /// Unique within the service: "1 orders".
    public var name: String
    /// One or more statements. Such as refuse to run in a transaction (CREATE INDEX CONCURRENTLY) cannot be used.
    public var sql: String

    public init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}
