/// A rule by which the gateway answers requests: to a service over HTTP, or to a queue over the bus.
package struct Route: Sendable, Equatable, Codable {
    package enum Target: Sendable, Equatable, Codable {
        case service(String)
        case queue(String, replyMode: ReplyMode)
    }

    /// How the answer to a request over the bus comes back.
    package enum ReplyMode: String, Sendable, CaseIterable, Codable {
        /// One exclusive queue a gateway process.
        case exclusive
        /// A temporary queue a request.
        case temporary
        /// RabbitMQ's direct reply-to.
        case direct
    }

    /// A path prefix that ends at a segment: `/order` takes `/order` and `/order/7`, not `/orders`.
    package var path: String
    /// Upper case; empty: all.
    package var methods: [String]
    package var target: Target
    /// Takes the place of `path` in what is sent upstream.
    package var rewrite: String?
    package var timeout: Duration
    package var cache: RouteCache?

    package init(
        path: String, methods: [String] = [], target: Target, rewrite: String? = nil, timeout: Duration = .seconds(30),
        cache: RouteCache? = nil
    ) {
        self.path = path
        self.methods = methods
        self.target = target
        self.rewrite = rewrite
        self.timeout = timeout
        self.cache = cache
    }
}

package struct RouteCache: Sendable, Equatable, Codable {
    package var ttl: Duration
    /// Event types after which nothing older is served.
    package var invalidateOn: [String]

    package init(ttl: Duration, invalidateOn: [String] = []) {
        self.ttl = ttl
        self.invalidateOn = invalidateOn
    }
}
