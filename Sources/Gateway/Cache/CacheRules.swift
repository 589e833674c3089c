import NIOHTTP1
import Topology

/// What may be answered from the cache and what may be put there. Pure.
enum CacheRules {
    static func entryKey(_ text: String) -> String { "signalbox:cache:entry:\(text)" }
    static func generationKey(_ eventType: String) -> String { "signalbox:cache:generation:\(eventType)" }

    /// Nil: the request goes past the cache.
    static func key(of request: AcceptedRequest, longest: Int) -> String? {
        let headers = request.head.headers
        guard request.head.method == .GET, !request.admission.framing.hasBody else { return nil }
        guard !headers.contains(name: "authorization"), !headers.contains(name: "range") else { return nil }
        let directives = headers["cache-control"].flatMap(\.commaSeparated) + headers["pragma"].flatMap(\.commaSeparated)
        guard !directives.contains(where: { $0.equalsIgnoringCase("no-store") || $0.equalsIgnoringCase("no-cache") }) else { return nil }
        var text = "\(request.route.label):\(request.admission.host.lowercased()) \(request.admission.upstreamPath)"
        if let query = request.admission.target.query, !query.isEmpty { text += "?\(canonical(query))" }
        return text.utf8.count <= longest ? entryKey(text) : nil
    }

    /// Parameters by name; those of one name keep their order, which may mean something.
    static func canonical(_ query: String) -> String {
        let pairs = query.split(separator: "&", omittingEmptySubsequences: true)
        guard pairs.count > 1 else { return query }
        let named = pairs.map { (name: $0.prefix { $0 != "=" }, pair: $0) }
        // `sorted` keeps the order of equals.
        return named.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }.map(\.pair).joined(separator: "&")
    }

    /// How long a response may be kept; nil: not at all.
    static func timeToLive(of head: ResponseHead, rule: RouteCache) -> Duration? {
        guard head.status == .ok, rule.ttl > .zero else { return nil }
        // What varies by request or names one client is not for another.
        guard !head.headers.contains(name: "vary"), !head.headers.contains(name: "set-cookie") else { return nil }
        var longest = rule.ttl
        for directive in head.headers["cache-control"].flatMap(\.commaSeparated) {
            let name = directive.prefix { $0 != "=" }
            if ["no-store", "private", "no-cache"].contains(where: { name.equalsIgnoringCase($0) }) { return nil }
            if name.equalsIgnoringCase("max-age") || name.equalsIgnoringCase("s-maxage") {
                guard let seconds = BodyFraming.decimal(String(directive.dropFirst(name.count + 1))), seconds > 0 else { return nil }
                longest = min(longest, .seconds(seconds))
            }
        }
        return longest
    }
}
