import NIOCore
import Topology

/// A route with what matching and accounting need computed once.
final class CompiledRoute: Sendable {
    let route: Route
    /// The route's path without a slash at its end: empty for `/`.
    let prefix: String
    private let rewrite: String?
    /// Empty: all.
    private let methods: Set<String>
    let timeout: TimeAmount
    /// Names the route in metrics and logs.
    let label: String

    init(_ route: Route) {
        self.route = route
        prefix = Self.withoutTrailingSlash(route.path)
        rewrite = route.rewrite.map(Self.withoutTrailingSlash)
        methods = Set(route.methods)
        timeout = TimeAmount(route.timeout)
        label = prefix.isEmpty ? "/" : prefix
    }

    var isAnyMethod: Bool { methods.isEmpty }
    var allowedMethods: Set<String> { methods.contains("GET") ? methods.union(["HEAD"]) : methods }

    /// HEAD is taken where GET is.
    func takes(method: String) -> Bool {
        methods.isEmpty || methods.contains(method) || (method == "HEAD" && methods.contains("GET"))
    }

    /// The path that the upstream is asked for.
    /// - Parameter path: canonical, and matched by this route.
    func upstreamPath(for path: String) -> String {
        guard let rewrite else { return path }
        let result = rewrite + path.dropFirst(prefix.count)
        return result.isEmpty ? "/" : result
    }

    private static func withoutTrailingSlash(_ path: String) -> String {
        path.last == "/" ? String(path.dropLast()) : path
    }
}
