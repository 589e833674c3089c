import Topology

/// Which route answers a request: the longest path prefix that ends at a segment wins; among routes of the same path the first that takes
/// the method.
struct RouteTable: Sendable {
    enum Match: Sendable {
        case route(CompiledRoute)
        /// The path is known, the method is not; what `Allow` has to say.
        case methodNotAllowed(allow: [String])
        case notFound
    }

    private let routesByPrefix: [Substring: [CompiledRoute]]
    /// Segments of the longest prefix: nothing beyond it needs a look, however many slashes a path has.
    private let deepest: Int
    let routes: [CompiledRoute]

    init(_ routes: [Route]) {
        self.routes = routes.map(CompiledRoute.init)
        routesByPrefix = Dictionary(grouping: self.routes) { Substring($0.prefix) }
        deepest = routesByPrefix.keys.map { $0.utf8.count { $0 == UInt8(ascii: "/") } }.max() ?? 0
    }

    /// - Parameter path: canonical, as in `RequestTarget`.
    func match(method: String, path: String) -> Match {
        var ends: [String.Index] = [path.startIndex]
        var position = path.utf8.index(after: path.startIndex)
        while ends.count <= deepest {
            guard let slash = path.utf8[position...].firstIndex(of: UInt8(ascii: "/")) else {
                ends.append(path.endIndex)
                break
            }
            ends.append(slash)
            position = path.utf8.index(after: slash)
        }
        for end in ends.reversed() {
            guard let candidates = routesByPrefix[path[..<end]] else { continue }
            if let route = candidates.first(where: { $0.takes(method: method) }) { return .route(route) }
            return .methodNotAllowed(allow: candidates.reduce(into: Set<String>()) { $0.formUnion($1.allowedMethods) }.sorted())
        }
        return .notFound
    }
}
