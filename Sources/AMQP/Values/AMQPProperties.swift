/// The properties of a message that AMQP 0-9-1 defines, and the header table.
public struct AMQPProperties: Sendable, Equatable {
    /// Publishing gives a message without one a random identifier: a returned message is recognised by it.
    public var messageID: String?
    public var correlationID: String?
    public var replyTo: String?
    public var type: String?
    public var contentType: String?
    public var contentEncoding: String?
    public var appID: String?
    /// The broker refuses a message whose `userID` is not the connection's user.
    public var userID: String?
    /// How long the message may wait in a queue, in whole milliseconds on the wire (rounded up).
    public var expiration: Duration?
    /// Seconds since 1970.
    public var timestamp: Int64?
    public var priority: UInt8?
    /// Written to disk by durable queues.
    public var isPersistent: Bool
    public var headers: [String: AMQPValue]

    public init(
        messageID: String? = nil, correlationID: String? = nil, replyTo: String? = nil, type: String? = nil, contentType: String? = nil,
        contentEncoding: String? = nil, appID: String? = nil, userID: String? = nil, expiration: Duration? = nil, timestamp: Int64? = nil,
        priority: UInt8? = nil, isPersistent: Bool = true, headers: [String: AMQPValue] = [:]
    ) {
        self.messageID = messageID
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.type = type
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.appID = appID
        self.userID = userID
        self.expiration = expiration
        self.timestamp = timestamp
        self.priority = priority
        self.isPersistent = isPersistent
        self.headers = headers
    }
}
