import FoundationEssentials

/// A request that came over the bus: what a client asked the gateway, on its way to the service that reads the queue.
public struct BusRequest: Sendable {
    public var method: String
    /// After the route's rewrite.
    public var path: String
    /// The fields of the body where it is a JSON object of plain values: the query of a GET. A list is its last element.
    public var parameters: [String: String]
    public var body: [UInt8]
    /// When nobody waits for the answer any more.
    public var deadline: ContinuousClock.Instant
    public var traceparent: String?

    public init(
        method: String = "GET", path: String = "/", parameters: [String: String]? = nil, body: [UInt8] = [],
        deadline: ContinuousClock.Instant, traceparent: String? = nil
    ) {
        self.method = method
        self.path = path
        self.parameters = parameters ?? BusParameters.of(body)
        self.body = body
        self.deadline = deadline
        self.traceparent = traceparent
    }

    /// The body as `T`.
    ///
    /// - Throws: `ServiceProblem` 400 that says where the JSON is wrong and what was expected.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        try JSON.decode(type, from: Data(body))
    }
}
