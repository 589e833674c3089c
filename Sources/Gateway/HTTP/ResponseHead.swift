import NIOHTTP1

/// A response's head on its way to the client, without what concerns one connection only (framing, keep-alive): the connection adds that.
struct ResponseHead: Sendable {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    /// The body's bytes; nil when that is not known beforehand.
    var length: Int?
}
