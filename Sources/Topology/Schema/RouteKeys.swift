enum RouteKey: String, TopologyKey {
    case path, methods, service, queue, rewrite, timeout, cache
    case replyMode = "reply_mode"

    static let title = "a route"
    static let required: [RouteKey] = [.path]

    var shape: ValueShape {
        switch self {
        case .path, .rewrite: .textMatching("^/")
        case .methods: .list(.choice(HTTPMethodName.self))
        case .service, .queue: .text
        case .timeout: .duration
        case .cache: .object(RouteCacheKey.self)
        case .replyMode: .choice(Route.ReplyMode.self)
        }
    }

    var summary: String {
        switch self {
        case .path: "A prefix that ends at a segment: /order takes /order and /order/7, not /orders."
        case .methods: "All if not given."
        case .service: "The service that answers over HTTP."
        case .queue: "The queue that requests are put into; the answer comes back over the bus."
        case .rewrite: "Takes the place of the path in what is sent on."
        case .timeout: "30s if not given."
        case .cache: "Answers to GET are kept in the cache."
        case .replyMode: "How the answer over the bus comes back: exclusive (if not given), temporary or direct."
        }
    }
}

enum RouteCacheKey: String, TopologyKey {
    case ttl
    case invalidateOn = "invalidate_on"

    static let title = "a route's cache"
    static let required: [RouteCacheKey] = [.ttl]

    var shape: ValueShape {
        switch self {
        case .ttl: .duration
        case .invalidateOn: .list(.text)
        }
    }

    var summary: String {
        switch self {
        case .ttl: "How long an answer is kept."
        case .invalidateOn: "Event types after which nothing older is served."
        }
    }
}

enum HTTPMethodName: String, CaseIterable {
    case GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS
}
