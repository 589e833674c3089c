import Hummingbird
import NIOCore
import Postgres

extension ServiceProblem {
    /// Seconds after which to ask again.
    static let retryAfter = "1"

    static var notReady: ServiceProblem {
        ServiceProblem(
            status: 503, title: "The service is starting", detail: "It waits for its database or brings its schema up to date.",
            headers: [.retryAfter: retryAfter])
    }

    /// What a client is told of any error. What it must not be told (SQL, addresses) stays in the log.
    init(describing error: any Error) {
        switch error {
        case let problem as ServiceProblem:
            self = problem
        case let error as PostgresError where error.isDatabaseAway:
            self.init(
                status: 503, title: "The database is not available", detail: "Try again in a moment.",
                headers: [.retryAfter: Self.retryAfter])
        case is NIOTooManyBytesError:
            self.init(
                status: 413, title: "The request's body is too large",
                detail: "At most \(ServiceRequestContext.maximumBody) bytes are read.")
        case let error as HTTPError:
            self.init(status: error.status.code, title: error.status.reasonPhrase, detail: error.body, headers: error.headers)
        case let error as any HTTPResponseError:
            self.init(status: error.status.code, title: error.status.reasonPhrase)
        default:
            self.init(status: 500, title: "The service failed", detail: "The error is in the service's log, under this request's trace id.")
        }
    }
}
