import NIOCore

/// What answers one request: asks a service, the bus or the cache. It lives on its connection's event loop, is told of the request piece by
/// piece, and answers through its `ResponseSink`.
protocol Exchange: AnyObject {
    /// Called once, before anything else.
    func begin()
    func requestBody(_ bytes: ByteBuffer)
    func requestEnded()
    /// Whether the client should be read from. When it turns true, the exchange says so by `ResponseSink.bodyWanted()`.
    var wantsRequestBody: Bool { get }
    func clientBecameWritable()
    /// The client is gone: nothing more is wanted, and the sink is not to be called again.
    func clientGone()
    /// The route's time is over before the response began, or nothing has moved for that long since: the exchange lets go of what it holds
    /// and ends by `refuse` or `breakOff`.
    func timedOut()
}

/// Where an `Exchange` puts its answer. The order is `respond(head)`, any number of `respond(bytes)`, `respondEnd`; or `refuse` alone; or
/// `breakOff` after a head.
protocol ResponseSink: AnyObject {
    /// False: the client does not keep up; the exchange should stop reading from where it reads.
    var isWritable: Bool { get }
    func bodyWanted()
    func respond(_ head: ResponseHead)
    func respond(_ bytes: ByteBuffer)
    func flush()
    func respondEnd()
    func refuse(_ problem: Problem)
    /// The response cannot be completed: the client must not take what it has for the whole.
    func breakOff()
}
