/// Brings the JSON of one version of an event to the next one.
///
///     static let version = 2
///     static let upcasters = [
///         Upcaster(from: 1) { json in
///             json["total_cents"] = .integer((json["total"]?.integer ?? 0) * 100)
///             json["total"] = nil
///         }
///     ]
public struct Upcaster: Sendable {
    /// The version that it takes; it gives the one after it.
    public let version: Int
    let body: @Sendable (inout JSONValue) throws -> Void

    /// - Parameters:
    ///   - version: the one that it takes.
    ///   - body: a pure function of the JSON: no clock, no database, the same result each time. What it throws makes the event a dead letter.
    public init(from version: Int, _ body: @escaping @Sendable (inout JSONValue) throws -> Void) {
        self.version = version
        self.body = body
    }
}
