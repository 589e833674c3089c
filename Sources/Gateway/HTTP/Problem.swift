import NIOCore
import NIOHTTP1

/// An answer of the gateway's own: a problem document (RFC 9457).
struct Problem: Error, Sendable, Equatable {
    var status: HTTPResponseStatus
    var detail: String
    /// Beside the content type.
    var headers: [Header] = []

    struct Header: Sendable, Equatable {
        var name: String
        var value: String
    }

    init(_ status: HTTPResponseStatus, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    func adding(_ name: String, _ value: String) -> Problem {
        var problem = self
        problem.headers.append(Header(name: name, value: value))
        return problem
    }

    /// 503 with a `Retry-After` of a second.
    static func unavailable(_ detail: String) -> Problem {
        Problem(.serviceUnavailable, detail).adding("Retry-After", "1")
    }

    func response() -> ResponseHead {
        var headers = HTTPHeaders([("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")])
        for header in self.headers { headers.add(name: header.name, value: header.value) }
        return ResponseHead(status: status, headers: headers, length: nil)
    }

    func body(requestID: String) -> ByteBuffer {
        var json = JSONText()
        json.beginObject()
        json.member("type", "about:blank")
        json.member("title", status.reasonPhrase)
        json.member("status", Int(status.code))
        json.member("detail", detail)
        if !requestID.isEmpty { json.member("request_id", requestID) }
        json.endObject()
        return ByteBuffer(bytes: json.bytes)
    }
}
