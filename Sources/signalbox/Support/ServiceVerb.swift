import Supervision

/// `stop`, `start` and `restart`: the same call for each service that is named.
enum ServiceVerb {
    /// - Parameters:
    ///   - verb: as in the call's path.
    ///   - progress: what has been begun, for the person: `Restarting`.
    ///   - waits: until nothing of it is under way any more.
    static func run(
        _ verb: String, _ progress: String, on services: [String], _ options: TopologyOptions, waits: Bool = true
    ) async throws {
        let client = AdminClient(options.location)
        var begun: [ServiceStatus] = []
        for service in services {
            let status = try await client.post("/v1/services/\(service.percentEncoded)/\(verb)", as: ServiceStatus.self)
            begun.append(status)
            if !waits || status.isUnderWay == true { Terminal.line("\(progress) \(status.line)") }
        }
        if waits { try await SettleWait(options.location, client).run(begun) }
    }
}

extension ServiceStatus {
    /// `order: stopped, 0 of 2 ready: stopped by root`.
    var line: String { "\(name): \(state.rawValue), \(ready) of \(desired) ready" + (reason.map { ": \($0)" } ?? "") }
}
