extension Route {
    init(from field: Field) {
        let reader = ObjectReader(field, RouteKey.self)
        let mode = reader[.replyMode]?.choice(ReplyMode.self)
        let service = reader[.service]?.nonemptyString(expected: "a service")
        let queue = reader[.queue]?.nonemptyString(expected: "a queue")
        self.init(
            path: reader[.path]?.routePath() ?? "",
            methods: reader[.methods].map(Self.methods) ?? [],
            target: queue.map { .queue($0, replyMode: mode ?? .exclusive) } ?? .service(service ?? ""),
            rewrite: reader[.rewrite]?.routePath(),
            timeout: reader[.timeout]?.duration(in: TopologyBounds.routeTimeout) ?? .seconds(30),
            cache: reader[.cache].map { RouteCache(from: $0) })
        if reader.has(.service) == reader.has(.queue), field.isMap || field.isNull {
            field.report(
                reader.has(.service)
                    ? "both service and queue are given; keep the one that answers" : "\"service\" or \"queue\" is missing: say who answers"
            )
        }
        if let mode = reader[.replyMode], !reader.has(.queue) {
            mode.report("reply_mode is for routes to a queue; remove it")
        }
        if let cache = reader[.cache], !methods.isEmpty, !methods.contains("GET") {
            cache.report("only answers to GET are kept, and this route does not take it; remove cache, or add GET to methods")
        }
    }

    private static func methods(_ field: Field) -> [String] {
        let names = field.list(of: "methods")
        if field.isList, names.isEmpty { field.report("found an empty list, expected methods such as [GET, POST]; leave it out for all") }
        var seen: Set<String> = []
        return names.compactMap { field in
            guard let name = field.choice(HTTPMethodName.self)?.rawValue else { return nil }
            if !seen.insert(name).inserted { field.report("\(name) stands twice in this list; keep one of them") }
            return name
        }
    }
}

extension RouteCache {
    init(from field: Field) {
        let reader = ObjectReader(field, RouteCacheKey.self)
        self.init(
            ttl: reader[.ttl]?.duration(in: TopologyBounds.cacheTTL) ?? .seconds(1),
            invalidateOn: reader[.invalidateOn]?.strings(of: "event types") ?? [])
    }
}

extension Field {
    fileprivate func routePath() -> String? {
        let expected = "a path such as /order"
        guard let path = nonemptyString(expected: expected) else { return nil }
        guard path.hasPrefix("/") else {
            reportFound(expected: "\(expected); write /\(path)")
            return nil
        }
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !path.contains(where: { "?#\\".contains($0) }) else {
            reportFound(expected: "\(expected), without spaces, \"?\" and \"#\"")
            return nil
        }
        guard path == "/" || !path.hasSuffix("/") else {
            reportFound(expected: "\(expected), without \"/\" at its end")
            return nil
        }
        guard !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }), !path.contains("//") else {
            reportFound(expected: "\(expected), without empty parts, \".\" and \"..\"")
            return nil
        }
        return path
    }
}
