import NIOCore
import NIOHTTP1

/// What an `Exchange` knows of its request.
struct AcceptedRequest {
    var head: HTTPRequestHead
    var admission: Admission
    var forwarding: HeaderRules.Forwarding
    /// What is noted for the log and the metrics while the request runs.
    var record: RequestRecord

    var route: CompiledRoute { admission.route }
    var method: String { head.method.rawValue }
    var deadline: NIODeadline { record.startedAt + route.timeout }

    /// RFC 9110, section 9.2.2: doing it twice does what doing it once does.
    var isIdempotent: Bool {
        switch head.method {
        case .GET, .HEAD, .OPTIONS, .PUT, .DELETE: true
        default: false
        }
    }
}
