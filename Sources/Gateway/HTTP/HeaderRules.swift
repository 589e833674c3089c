import NIOHTTP1

/// Which header fields pass the gateway, and which it sets itself.
enum HeaderRules {
    /// What the gateway says of a request to the upstream.
    struct Forwarding: Sendable {
        /// The client's IP address; nil on a Unix socket.
        var clientAddress: String?
        /// The `Host` that the client asked for; empty for an HTTP/1.0 client that named none.
        var host: String
        var scheme = "http"
        var requestID: String
        var traceparent: String
        /// Whether `traceparent` is the client's own, so that its `tracestate` still belongs to it.
        var isTraceContinued: Bool
    }

    /// The head sent upstream. Hop-by-hop fields and whatever claims to come from a proxy before the gateway are left out: nothing stands
    /// before it that is trusted.
    static func upstreamRequest(
        _ headers: HTTPHeaders, forwarding: Forwarding, authority: String, framing: BodyFraming
    ) -> HTTPHeaders {
        let named = connectionOptions(headers)
        var result = HTTPHeaders()
        result.reserveCapacity(headers.count + 9)
        result.add(name: "Host", value: authority)
        for (name, value) in headers {
            if isHopByHop(name) || isSetByGateway(name) || named.contains(where: { $0.equalsIgnoringCase(name) }) { continue }
            if !forwarding.isTraceContinued, name.equalsIgnoringCase("tracestate") { continue }
            result.add(name: name, value: value)
        }
        switch framing {
        case .none: break
        case .length(let length): result.add(name: "Content-Length", value: String(length))
        case .chunked: result.add(name: "Transfer-Encoding", value: "chunked")
        }
        if let address = forwarding.clientAddress { result.add(name: "X-Forwarded-For", value: address) }
        result.add(name: "X-Forwarded-Proto", value: forwarding.scheme)
        if !forwarding.host.isEmpty { result.add(name: "X-Forwarded-Host", value: forwarding.host) }
        result.add(name: "X-Request-Id", value: forwarding.requestID)
        result.add(name: "traceparent", value: forwarding.traceparent)
        result.add(name: "Via", value: "1.1 signalbox")
        return result
    }

    /// The upstream's head without what concerned its own connection.
    static func clientResponse(_ head: HTTPResponseHead) -> ResponseHead {
        let named = connectionOptions(head.headers)
        var result = HTTPHeaders()
        result.reserveCapacity(head.headers.count + 4)
        var length: Int?
        for (name, value) in head.headers {
            if name.equalsIgnoringCase("content-length") {
                length = BodyFraming.decimal(value)
                continue
            }
            // The gateway names the request, whatever the upstream calls it; and X-Cache speaks of the gateway's cache.
            if isHopByHop(name) || name.equalsIgnoringCase("x-request-id") || name.equalsIgnoringCase("x-cache")
                || named.contains(where: { $0.equalsIgnoringCase(name) })
            {
                continue
            }
            result.add(name: name, value: value)
        }
        if head.headers.contains(name: "transfer-encoding") { length = nil }
        return ResponseHead(status: head.status, headers: result, length: length)
    }

    private static func connectionOptions(_ headers: HTTPHeaders) -> [String] {
        let values = headers["connection"]
        if values.isEmpty || (values.count == 1 && (values[0] == "keep-alive" || values[0] == "close")) { return [] }
        return values.flatMap(\.commaSeparated)
    }

    /// RFC 9110, section 7.6.1, and what is told to the gateway alone.
    static func isHopByHop(_ name: String) -> Bool {
        switch name.utf8.count {
        case 2: name.equalsIgnoringCase("te")
        case 7: name.equalsIgnoringCase("trailer") || name.equalsIgnoringCase("upgrade")
        case 10: name.equalsIgnoringCase("connection") || name.equalsIgnoringCase("keep-alive")
        case 14: name.equalsIgnoringCase("http2-settings")
        case 16: name.equalsIgnoringCase("proxy-connection")
        case 17: name.equalsIgnoringCase("transfer-encoding")
        case 18: name.equalsIgnoringCase("proxy-authenticate")
        case 19: name.equalsIgnoringCase("proxy-authorization")
        default: false
        }
    }

    /// Request fields that a client cannot set.
    private static func isSetByGateway(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: name.equalsIgnoringCase("host")
        case 6: name.equalsIgnoringCase("expect")
        case 9: name.equalsIgnoringCase("forwarded") || name.equalsIgnoringCase("x-real-ip")
        case 11: name.equalsIgnoringCase("traceparent")
        case 12: name.equalsIgnoringCase("x-request-id")
        case 14: name.equalsIgnoringCase("content-length") || name.equalsIgnoringCase("x-original-url")
        case 13: name.equalsIgnoringCase("x-rewrite-url")
        default: name.utf8.count > 12 && name.prefix(12).equalsIgnoringCase("x-forwarded-")
        }
    }
}
