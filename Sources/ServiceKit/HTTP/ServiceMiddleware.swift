import HTTPTypes
import Hummingbird
import Logging
import TraceStore
import Tracing

/// Around every request: its span, its place in the metrics, and problem documents for what its route throws.
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
        let isMatched = context.endpointPath != nil
        let route = isMatched ? context.endpointPath ?? Self.unmatchedRoute : Self.unmatchedRoute
        // Only methods that someone routes, so that a client cannot make series or names of spans up.
        let method = isMatched ? request.method.rawValue : "any"
        let response: Response
        if HealthRoutes.paths.contains(request.uri.path) {
            response = await respond(to: request, context: context, isMatched: isMatched, next: next)
        } else {
            var parent = ServiceContext.topLevel
            InstrumentationSystem.instrument.extract(request.headers, into: &parent, using: RequestHeaders())
            response = await withSpan(isMatched ? "\(method) \(route)" : "HTTP", context: parent, ofKind: .server) { span in
                await respond(to: request, context: context, isMatched: isMatched, next: next, within: span)
            }
        }
        metrics.add(.httpRequests, [method, route, String(response.status.code)])
        metrics.observe(.httpSeconds, [method, route], .now - start)
        return response
    }

    private func respond(
        to request: Request, context: ServiceRequestContext, isMatched: Bool,
        next: (Request, ServiceRequestContext) async throws -> Response, within span: any Span
    ) async -> Response {
        var context = context
        context.traceparent = span.context.spanContext?.traceparent ?? ""
        let response = await respond(to: request, context: context, isMatched: isMatched, next: next)
        if span.isRecording {
            // Without the query: it may hold secrets.
            var attributes: SpanAttributes = [
                "http.request.method": .string(request.method.rawValue), "url.path": .string(request.uri.path),
                "http.response.status_code": .int64(Int64(response.status.code)),
            ]
            if isMatched, let route = context.endpointPath { attributes["http.route"] = route }
            span.attributes = attributes
            if response.status.code >= 500 { span.setStatus(SpanStatus(code: .error, message: response.status.description)) }
        }
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
