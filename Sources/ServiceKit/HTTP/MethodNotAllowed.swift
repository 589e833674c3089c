import HTTPTypes
import Hummingbird

/// Answers 405 with the methods that are allowed, where a path has routes and none for the request's method.
enum MethodNotAllowed {
    private static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]

    /// To be called when all routes are there.
    static func add(to router: ServiceRouter) {
        let routed = Dictionary(grouping: router.routes, by: { $0.path.description })
        for routes in routed.values {
            guard let path = routes.first?.path else { continue }
            var allowed = Set(routes.map(\.method))
            // The router makes a HEAD of every GET.
            if allowed.contains(.get) { allowed.insert(.head) }
            let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            for method in methods where !allowed.contains(method) {
                router.on(path, method: method) { _, _ -> Response in
                    throw ServiceProblem(
                        status: 405, title: "Method not allowed", detail: "\(path) answers \(names).", headers: [.allow: names])
                }
            }
        }
    }
}
