import Supervision

/// `start`, `stop` and `restart`: the same call for each service that is named.
enum ServiceVerb {
    /// - Parameters:
    ///   - verb: as in the call's path.
    ///   - progress: what has been begun, for the person: `Restarting`.
    static func run(_ verb: String, _ progress: String, on services: [String], _ options: TopologyOptions) async throws {
        let client = AdminClient(options.location)
        for service in services {
            let status = try await client.post("/v1/services/\(service.percentEncoded)/\(verb)", as: ServiceStatus.self)
            let reason = status.reason.map { ": \($0)" } ?? ""
            Terminal.line("\(progress) \(status.name): \(status.state.rawValue), \(status.ready) of \(status.desired) ready\(reason)")
        }
    }
}
