/// A fact that one service tells the others: past tense, complete in itself, JSON on the wire.
///
///     struct OrderCreated: Event {
///         static let type = "order.created"
///         var orderID: String
///         var subject: String { orderID }
///         enum CodingKeys: String, CodingKey { case orderID = "order_id" }
///     }
///
/// Receivers ignore fields that they do not know, so that adding an optional field is no new version. docs/contracts.md says what is one,
/// and what then has to be done.
public protocol Event: Codable, Sendable {
    /// Also the routing key.
    static var type: String { get }

    /// Raised when the meaning of the JSON changes; travels with each message. 1 unless told otherwise.
    static var version: Int { get }

    /// The way from each older version that may still be on its way (35 days) to the next one. None unless told otherwise.
    static var upcasters: [Upcaster] { get }

    /// The oldest version whose readers can read this one's JSON as it is; travels with each message, so that a service that knows only
    /// that version handles it instead of giving it up. Its own version unless told otherwise.
    static var minimumReaderVersion: Int { get }

    /// What it is about, mostly an id (an order's). Events of one subject are handled in their order.
    var subject: String { get }
}

extension Event {
    public static var version: Int { 1 }
    public static var upcasters: [Upcaster] { [] }
    public static var minimumReaderVersion: Int { version }
}
