import FoundationEssentials
public import HTTPTypes
public import Hummingbird
import NIOCore

/// An error that is the answer to a request: a problem document (RFC 9457) and its HTTP status.
///
/// Thrown by a route or an `answer` it is sent as it is. Thrown by an event's handler it is a permanent failure: the message goes to the
/// dead-letter queue at once.
public struct ServiceProblem: Error, Sendable, HTTPResponseError, CustomStringConvertible {
    public static let contentType = "application/problem+json"

    public var status: HTTPResponse.Status
    /// What kind of problem it is, the same for each occurrence.
    public var title: String
    /// What happened this time, and what to do.
    public var detail: String?
    public var headers: HTTPFields

    public init(status: Int, title: String, detail: String? = nil, headers: HTTPFields = [:]) {
        self.status = HTTPResponse.Status(code: (400...599).contains(status) ? status : 500)
        self.title = title
        self.detail = detail
        self.headers = headers
    }

    public var description: String {
        "\(status.code) \(title)\(detail.map { ": \($0)" } ?? "")"
    }

    public func response(from request: Request, context: some RequestContext) throws -> Response {
        response
    }

    var response: Response {
        var fields = headers
        let document = document
        fields[.contentType] = Self.contentType
        fields[.contentLength] = String(document.count)
        return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: document)))
    }

    private struct Document: Encodable {
        var type = "about:blank"
        var title: String
        var status: Int
        var detail: String?
    }

    /// The JSON.
    var document: [UInt8] {
        (try? [UInt8](JSON.encoder().encode(Document(title: title, status: status.code, detail: detail)))) ?? []
    }
}
