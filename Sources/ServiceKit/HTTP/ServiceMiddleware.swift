import HTTPTypes
import Hummingbird
import Logging

/// Around every request: its trace, its place in the metrics, and problem documents for what its route throws.
struct ServiceMiddleware: RouterMiddleware {
    typealias Context = ServiceRequestContext

    let metrics: Metrics
    let readiness: Readiness
    let logger: Logger

    private static let unmatchedRoute = "none"

    func handle(
        _ request: Request, context: ServiceRequestContext, next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let trace = Trace.child(of: request.headers[.traceparent])
        var context = context
        context.traceparent = trace.traceparent
        let isMatched = context.endpointPath != nil
        let response = await Trace.$current.withValue(trace) {
            await respond(to: request, context: context, isMatched: isMatched, next: next)
        }
        let route = isMatched ? context.endpointPath ?? Self.unmatchedRoute : Self.unmatchedRoute
        // Only methods that someone routes, so that a client cannot make series up.
        let method = isMatched ? request.method.rawValue : "any"
        metrics.add(.httpRequests, [method, route, String(response.status.code)])
        metrics.observe(.httpSeconds, [method, route], .now - start)
        return response
    }

    private func respond(
        to request: Request, context: ServiceRequestContext, isMatched: Bool,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async -> Response {
        do {
            if !readiness.isPrepared && !HealthRoutes.paths.contains(request.uri.path) { throw ServiceProblem.notReady }
            return try await next(request, context)
        } catch {
            var problem = ServiceProblem(describing: error)
            if problem.status == .notFound && !isMatched {
                problem = ServiceProblem(status: 404, title: "Not found", detail: "There is nothing at \(request.uri.path).")
            }
            if problem.status.code >= 500 {
                logger.error(
                    "A request failed",
                    metadata: [
                        "method": "\(request.method.rawValue)", "path": "\(request.uri.path)", "status": "\(problem.status.code)",
                        "error": "\(error)",
                    ])
            }
            return problem.response
        }
    }
}

extension HTTPField.Name {
    static let traceparent = HTTPField.Name("traceparent") ?? .via
}
