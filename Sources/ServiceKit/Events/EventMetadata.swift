public import FoundationEssentials

/// What travels beside an event's own data: the attributes of CloudEvents 1.0.
public struct EventMetadata: Sendable, Equatable {
    /// The same however often the message is delivered.
    public var id: String
    public var type: String
    /// Who published it: "/shop/order".
    public var source: String
    /// Empty when the publisher named none.
    public var subject: String
    /// When it was published, to the microsecond.
    public var time: Date
    /// Of the event's JSON, see `Event.version`.
    public var version: Int
    /// Readers of this version and newer ones can read the JSON as it is, see `Event.minimumReaderVersion`.
    public var minimumReaderVersion: Int
    /// W3C Trace Context.
    public var traceparent: String?
    /// 1 for the first attempt to handle it.
    public var attempt: Int

    public init(
        id: String, type: String, source: String, subject: String, time: Date, version: Int = 1, traceparent: String? = nil,
        attempt: Int = 1, minimumReaderVersion: Int? = nil
    ) {
        self.id = id
        self.type = type
        self.source = source
        self.subject = subject
        self.time = time
        self.version = version
        self.minimumReaderVersion = minimumReaderVersion ?? version
        self.traceparent = traceparent
        self.attempt = attempt
    }
}
