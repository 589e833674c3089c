import HTTPTypes
import Hummingbird
import Logging

/// All that the admin endpoint does.
struct EndpointCatalogue: Sendable {
    private let control: any SupervisorControl
    private(set) var endpoints: [Endpoint]

    init(control: any SupervisorControl, configuration: AdminConfiguration) {
        self.control = control
        let streams = ServerSentEvents()
        endpoints =
            HealthEndpoints.all(control, version: configuration.version) + ServiceEndpoints.all(control) + StoryEndpoints.all(control)
            + LogEndpoints.all(control, folder: configuration.logFolder, streams) + EventEndpoints.all(control, streams)
            + TopologyEndpoints.all(control) + QueueEndpoints.all(control) + DeadLetterEndpoints.all(control)
        endpoints += [MetricsEndpoint.endpoint(control, version: configuration.version), DashboardEndpoint.endpoint()]
        let description = OpenAPIDescription(endpoints: endpoints, version: configuration.version)
        endpoints.append(description.endpoint)
    }

    func isPublic(path: String) -> Bool { endpoints.contains { $0.isPublic && $0.matches(path: path) } }

    /// The methods that `path` knows; empty when there is no such path.
    func methods(path: String) -> [HTTPRequest.Method] {
        var methods = endpoints.filter { $0.matches(path: path) }.map(\.method)
        if methods.contains(.get) { methods.append(.head) }
        return methods
    }

    func router(access: Access, logger: Logger) -> Router<AdminRequestContext> {
        let router = Router(context: AdminRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeadersMiddleware())
        router.add(middleware: ProblemMiddleware(catalogue: self, logger: logger))
        router.add(middleware: AccessMiddleware(access: access, catalogue: self))
        router.add(middleware: KnownMiddleware(control: control, catalogue: self))
        for endpoint in endpoints {
            router.on(RouterPath(endpoint.path), method: endpoint.method, use: endpoint.handle)
        }
        return router
    }
}
