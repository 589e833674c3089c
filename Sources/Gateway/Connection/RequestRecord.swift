import NIOCore

/// What the access log and the metrics say of one request.
final class RequestRecord {
    enum CacheResult: String {
        case hit, miss, bypass
    }

    let method: String
    let path: String
    let requestID: String
    let traceID: String
    let clientAddress: String
    let startedAt: NIODeadline
    /// Nil: no route took it.
    var route: CompiledRoute?
    /// `order/2` or `queue FileBrowser`.
    var upstream = ""
    var cache: CacheResult?
    /// When the upstream was first asked; nil: it was not.
    var upstreamAskedAt: NIODeadline?
    var upstreamEndedAt: NIODeadline?
    /// Nil: no spans of it are recorded.
    var spans: RequestSpans?
    /// 0 until the response began.
    var status = 0
    /// Of the response's body.
    var bytes = 0
    /// The response began and could not be completed.
    var isCutShort = false

    init(method: String, path: String, requestID: String, traceID: String, clientAddress: String, startedAt: NIODeadline) {
        self.method = method
        self.path = path
        self.requestID = requestID
        self.traceID = traceID
        self.clientAddress = clientAddress
        self.startedAt = startedAt
    }

    /// The status logged when the client left before there was one, as nginx has it.
    static let clientClosedRequest = 499
}
