import DeadLetters
import HTTPTypes
import Hummingbird
import Logging
import Supervision

/// Turns whatever is thrown below into a problem document, and tells an unknown path from a method that a path does not have.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = AdminRequestContext

    let catalogue: EndpointCatalogue
    let logger: Logger

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response(from: request, context: context)
        } catch let error as SupervisorError {
            return Problem(error).response(from: request, context: context)
        } catch let error as DeadLetterError {
            return Problem(error).response(from: request, context: context)
        } catch let error as HTTPError where error.status == .notFound {
            return notFound(request).response(from: request, context: context)
        } catch let error as any HTTPResponseError {
            return Problem(error.status, "\(error)").response(from: request, context: context)
        } catch {
            logger.error(
                "a request to the admin endpoint failed",
                metadata: ["method": "\(request.method)", "path": "\(request.uri.path)", "error": "\(error)"])
            return Problem(
                .internalServerError, "The supervisor could not do that: \(error)",
                hint: "The supervisor's log has more; if this comes again, please report it."
            ).response(from: request, context: context)
        }
    }

    private func notFound(_ request: Request) -> Problem {
        let allowed = catalogue.methods(path: request.uri.path)
        guard !allowed.isEmpty else {
            return Problem(.notFound, "There is no \(request.uri.path) here.", hint: "GET /openapi.json lists what there is.")
        }
        let list = allowed.map(\.rawValue).joined(separator: ", ")
        return Problem(
            .methodNotAllowed, "\(request.uri.path) does not know the method \(request.method.rawValue).", hint: "Use \(list).", allow: list
        )
    }
}
