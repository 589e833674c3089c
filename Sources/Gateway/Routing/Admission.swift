import NIOHTTP1
import Topology

/// A request that a route takes, and how it is to be passed on.
struct Admission: Sendable {
    var target: RequestTarget
    var route: CompiledRoute
    /// Without the query.
    var upstreamPath: String
    /// Empty for an HTTP/1.0 request without one.
    var host: String
    var framing: BodyFraming

    /// The rewritten path with the query as it came.
    var upstreamTarget: String {
        guard let query = target.query else { return upstreamPath }
        return "\(upstreamPath)?\(query)"
    }

    /// - Throws: the `Problem` to answer instead.
    init(of head: HTTPRequestHead, routes: RouteTable, limits: GatewayLimits) throws(Problem) {
        guard head.method != .CONNECT, head.method != .TRACE else {
            throw Problem(.notImplemented, "\(head.method.rawValue) is not served here")
        }
        framing = try BodyFraming.ofRequest(head)
        target = try RequestTarget(parsing: head.uri, longest: limits.requestTarget)
        host = try Self.host(of: head, target: target)
        switch routes.match(method: head.method.rawValue, path: target.path) {
        case .route(let route): self.route = route
        case .methodNotAllowed(let allow):
            throw Problem(.methodNotAllowed, "\(target.path) takes \(allow.joined(separator: ", "))")
                .adding("Allow", allow.joined(separator: ", "))
        case .notFound: throw Problem(.notFound, "no route takes \(target.path)")
        }
        upstreamPath = route.upstreamPath(for: target.path)
        let longest: Int
        switch route.route.target {
        case .service: longest = limits.requestBody
        case .queue: longest = limits.busRequestBody
        }
        if case .length(let length) = framing, length > longest { throw Self.bodyTooLarge(longest) }
    }

    static func bodyTooLarge(_ longest: Int) -> Problem {
        Problem(.payloadTooLarge, "the request's body may have \(longest) bytes")
    }

    private static func host(of head: HTTPRequestHead, target: RequestTarget) throws(Problem) -> String {
        let hosts = head.headers["host"]
        guard hosts.count == 1 || (hosts.isEmpty && head.version == .http1_0) else {
            throw Problem(.badRequest, hosts.isEmpty ? "the request has no Host" : "the request has more than one Host")
        }
        let host = target.authority ?? hosts.first ?? ""
        let isValid =
            host.utf8.count <= 255
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                    true
                case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"): true
                default: false
                }
            }
        guard isValid else { throw Problem(.badRequest, "the request's Host is not a host name") }
        return host
    }
}
