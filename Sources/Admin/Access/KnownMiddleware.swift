import HTTPTypes
import Hummingbird

/// While the supervisor does not know yet what runs, says so at once rather than let a client wait, or tell it half of the truth.
struct KnownMiddleware: RouterMiddleware {
    typealias Context = AdminRequestContext

    let control: any SupervisorControl
    let catalogue: EndpointCatalogue

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard !catalogue.isPublic(path: request.uri.path), await !control.isKnown else { return try await next(request, context) }
        throw Problem(
            .serviceUnavailable, "The supervisor has only just begun, and asks the keeper what runs. Nothing was done.",
            hint: "Ask again in a moment.", retryAfter: 1)
    }
}
