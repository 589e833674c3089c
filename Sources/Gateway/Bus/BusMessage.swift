import AMQP
import NIOCore
import NIOHTTP1

/// How an HTTP request becomes a message, and a reply an HTTP response. Pure.
enum BusMessage {
    static let deadlineHeader = "signalbox-deadline"
    /// Bytes (W3C Trace Context, 3.3.1.5).
    private static let longestTraceState = 512

    /// - Parameter deadline: milliseconds since 1970.
    static func request(_ request: AcceptedRequest, body: ByteBuffer, deadline: Int64) throws(Problem) -> AMQPMessage {
        let carriesParameters = ["GET", "HEAD", "DELETE"].contains(request.method)
        var properties = AMQPProperties(
            type: "request", contentType: "application/json", isPersistent: false,
            headers: [
                "http-method": .string(request.method),
                "http-path": .string(request.admission.upstreamPath),
                "traceparent": .string(request.forwarding.traceparent),
                "x-request-id": .string(request.forwarding.requestID),
                deadlineHeader: .int(deadline),
            ])
        if request.forwarding.isTraceContinued, let state = request.head.headers.first(name: "tracestate"),
            state.utf8.count <= longestTraceState
        {
            properties.headers["tracestate"] = .string(state)
        }
        if carriesParameters { return AMQPMessage(properties: properties, body: try parameters(request.admission.target.query ?? "")) }
        properties.contentType = request.head.headers.first(name: "content-type") ?? "application/json"
        properties.contentEncoding = request.head.headers.first(name: "content-encoding")
        return AMQPMessage(properties: properties, body: Array(body.readableBytesView))
    }

    /// A JSON object of the query's parameters, in the order they first come: a string for each, an array for one given several times.
    static func parameters(_ query: String) throws(Problem) -> [UInt8] {
        var names: [String] = []
        var values: [String: [String]] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try decoded(parts[0])
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(parts.count == 2 ? try decoded(parts[1]) : "")
        }
        var json = JSONText()
        json.beginObject()
        for name in names {
            let all = values[name] ?? []
            json.name(name)
            if all.count == 1 {
                json.string(all[0])
            } else {
                json.beginArray()
                for value in all { json.string(value) }
                json.endArray()
            }
        }
        json.endObject()
        return json.bytes
    }

    private static func decoded(_ text: Substring) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(Hexadecimal.value), let low = rest.next().flatMap(Hexadecimal.value) else {
                    throw Problem(.badRequest, "the query has a % that is not followed by two hexadecimal digits")
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let string = String(validating: bytes, as: UTF8.self) else {
            throw Problem(.badRequest, "the query is not UTF-8")
        }
        return string
    }

    static func response(_ reply: AMQPMessage) throws(Problem) -> ResponseHead {
        let status: Int64 =
            switch reply.properties.headers["status"] {
            case nil: 200
            case .int(let status)?: status
            default: 0
            }
        guard (200...599).contains(status) else { throw Problem(.badGateway, "the reply's header `status` is not an HTTP status") }
        var headers = HTTPHeaders()
        let contentType = reply.properties.contentType ?? "application/json"
        guard isFieldValue(contentType), isFieldValue(reply.properties.contentEncoding ?? "") else {
            throw Problem(.badGateway, "the reply's content type or encoding cannot be a header")
        }
        headers.add(name: "Content-Type", value: contentType)
        if let encoding = reply.properties.contentEncoding { headers.add(name: "Content-Encoding", value: encoding) }
        return ResponseHead(status: HTTPResponseStatus(statusCode: Int(status)), headers: headers, length: reply.body.count)
    }

    /// What arrives by message could otherwise add fields of its own.
    private static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }

    static func problem(_ error: AMQPError, queue: String, timeout: Duration) -> Problem {
        switch error.code {
        case .unroutable, .notFound: .unavailable("no queue \(queue) takes requests")
        case .noConsumer: .unavailable("nobody answers the requests of \(queue) at present")
        case .deadlineExceeded, .cancelled: Problem(.gatewayTimeout, "\(queue) did not answer within \(timeout)")
        case .notConnected, .blocked, .closed: .unavailable("the broker is away or takes no messages")
        case .nacked, .overloaded: .unavailable("\(queue) takes no more requests now")
        case .invalidArgument: Problem(.badRequest, "the request does not fit into a message: \(error.message)")
        default: Problem(.badGateway, "the broker refused the request for \(queue)")
        }
    }
}
