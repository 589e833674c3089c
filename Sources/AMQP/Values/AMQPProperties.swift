/// The properties of a message that AMQP 0-9-1 defines, and the header table.
///
/// A value; its fields are kept in one place and copied when one of several holders changes them, because a message is handed on many times
/// between the socket and whoever it is for.
public struct AMQPProperties: Sendable, Equatable {
    private var storage: Storage

    public init(
        messageID: String? = nil, correlationID: String? = nil, replyTo: String? = nil, type: String? = nil, contentType: String? = nil,
        contentEncoding: String? = nil, appID: String? = nil, userID: String? = nil, expiration: Duration? = nil, timestamp: Int64? = nil,
        priority: UInt8? = nil, isPersistent: Bool = true, headers: [String: AMQPValue] = [:]
    ) {
        storage = Storage(
            Fields(
                messageID: messageID, correlationID: correlationID, replyTo: replyTo, type: type, contentType: contentType,
                contentEncoding: contentEncoding, appID: appID, userID: userID, expiration: expiration, timestamp: timestamp,
                priority: priority, isPersistent: isPersistent, headers: headers))
    }

    /// Publishing gives a message without one an identifier: a returned message is recognised by it.
    public var messageID: String? {
        get { storage.fields.messageID }
        set { own.fields.messageID = newValue }
    }

    public var correlationID: String? {
        get { storage.fields.correlationID }
        set { own.fields.correlationID = newValue }
    }

    public var replyTo: String? {
        get { storage.fields.replyTo }
        set { own.fields.replyTo = newValue }
    }

    public var type: String? {
        get { storage.fields.type }
        set { own.fields.type = newValue }
    }

    public var contentType: String? {
        get { storage.fields.contentType }
        set { own.fields.contentType = newValue }
    }

    public var contentEncoding: String? {
        get { storage.fields.contentEncoding }
        set { own.fields.contentEncoding = newValue }
    }

    public var appID: String? {
        get { storage.fields.appID }
        set { own.fields.appID = newValue }
    }

    /// The broker refuses a message whose `userID` is not the connection's user.
    public var userID: String? {
        get { storage.fields.userID }
        set { own.fields.userID = newValue }
    }

    /// How long the message may wait in a queue, in whole milliseconds on the wire (rounded up).
    public var expiration: Duration? {
        get { storage.fields.expiration }
        set { own.fields.expiration = newValue }
    }

    /// Seconds since 1970.
    public var timestamp: Int64? {
        get { storage.fields.timestamp }
        set { own.fields.timestamp = newValue }
    }

    public var priority: UInt8? {
        get { storage.fields.priority }
        set { own.fields.priority = newValue }
    }

    /// Written to disk by durable queues.
    public var isPersistent: Bool {
        get { storage.fields.isPersistent }
        set { own.fields.isPersistent = newValue }
    }

    public var headers: [String: AMQPValue] {
        get { storage.fields.headers }
        _modify { yield &own.fields.headers }
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.storage === right.storage || left.storage.fields == right.storage.fields
    }

    /// The storage that nobody else holds.
    private var own: Storage {
        mutating get {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.fields) }
            return storage
        }
    }

    private struct Fields: Sendable, Equatable {
        var messageID: String?
        var correlationID: String?
        var replyTo: String?
        var type: String?
        var contentType: String?
        var contentEncoding: String?
        var appID: String?
        var userID: String?
        var expiration: Duration?
        var timestamp: Int64?
        var priority: UInt8?
        var isPersistent: Bool
        var headers: [String: AMQPValue]
    }

    /// `@unchecked Sendable`: changed only through `own`, by its single holder.
    private final class Storage: @unchecked Sendable {
        var fields: Fields

        init(_ fields: Fields) {
            self.fields = fields
        }
    }
}
