import FoundationEssentials

/// The answer to a `BusRequest`; the gateway turns it into an HTTP response.
public struct BusReply: Sendable, Equatable {
    public var status: Int
    public var contentType: String
    public var body: [UInt8]

    public init(status: Int = 200, contentType: String = "application/json", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    public init(json value: some Encodable, status: Int = 200) throws {
        self.init(status: status, body: [UInt8](try JSON.encoder().encode(value)))
    }

    /// An error as a problem document (RFC 9457).
    public static func problem(_ problem: ServiceProblem) -> BusReply {
        BusReply(status: problem.status.code, contentType: ServiceProblem.contentType, body: problem.document)
    }

    public static func problem(status: Int, title: String, detail: String? = nil) -> BusReply {
        .problem(ServiceProblem(status: status, title: title, detail: detail))
    }
}
