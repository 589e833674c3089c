import NIOCore

/// Every bound of the gateway that is not a route's own.
struct GatewayLimits: Sendable {
    /// Request heads, in bytes and fields.
    var headerList = 32 << 10
    var headerField = 16 << 10
    var headerCount = 100
    var requestTarget = 8 << 10
    /// A request's body to a service, in bytes.
    var requestBody = 64 << 20
    /// A request's body over the bus, in bytes: it becomes one message.
    var busRequestBody = 1 << 20
    /// Open client connections of the whole process; one more is answered 503 and closed.
    var connections = 10_000
    /// Parts of pipelined requests that wait for the response before theirs; beyond it nothing more is read from the client.
    var pipelinedParts = 16

    /// From a connection's first byte of a request (or from its opening) until the head is whole.
    var headTimeout = TimeAmount.seconds(10)
    /// How long a client connection may rest between two requests.
    var clientIdleTimeout = TimeAmount.seconds(75)
    /// How long, and for how many bytes, a refused upload is read and thrown away so that the client gets to read why.
    var lingerTimeout = TimeAmount.seconds(2)
    var lingerBytes = 4 << 20
    /// A refused request's body up to this size is read to its end, which keeps the connection usable.
    var discardedBody = 64 << 10

    var connectTimeout = TimeAmount.seconds(1)
    /// How long a request waits for an instance to become ready before it is answered 503: a restart refuses nobody.
    var readinessWait = TimeAmount.seconds(2)
    /// Between two rounds over instances that all refused to connect.
    var refusedPause = TimeAmount.milliseconds(50)
    var upstreamIdleTimeout = TimeAmount.seconds(30)
    /// Idle connections kept to one instance by one event loop.
    var upstreamIdleConnections = 64
    /// How often one request may be sent, where sending again is safe.
    var attempts = 3
    /// Bytes of a request's body that are kept so that it can be sent again.
    var replayedBody = 64 << 10

    /// Bytes of a response's body that the cache takes.
    var cacheEntry = 1 << 20
    var cacheKey = 1 << 10
    /// What the cache may cost a request that it cannot answer.
    var cacheLookup = TimeAmount.milliseconds(250)

    /// On stop: how long connections without a request stay open for one that is on its way, and how long running requests may take.
    var drainIdle = TimeAmount.milliseconds(500)
    var drainGrace = TimeAmount.seconds(15)

    /// How often deadlines are checked: they are kept to this precision.
    var tick = TimeAmount.milliseconds(100)
}
