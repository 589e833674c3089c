/// The ports of the managed servers: picked once, so that what was handed to processes stays true.
struct ServerPorts: Codable, Sendable, Equatable {
    struct Broker: Codable, Sendable, Equatable {
        var port: Int
        var management: Int
        var distribution: Int
        var epmd: Int

        var all: [Int] { [port, management, distribution, epmd] }
    }

    var broker: Broker?
    var database: Int?
    var cache: Int?

    var all: Set<Int> { Set((broker?.all ?? []) + [database, cache].compactMap(\.self)) }

    /// Picks what is missing, and anew what somebody else has taken while the server was not running.
    /// - Parameter running: the servers whose processes have been found alive.
    mutating func settle(broker needsBroker: Bool, database needsDatabase: Bool, cache needsCache: Bool, running: Set<String>)
        throws(SupervisorError)
    {
        if needsBroker, !isUsable(broker?.all, "broker", running) {
            broker = nil
            var ports: [Int] = []
            for _ in 0..<4 { ports.append(try PortFinder.free(except: all.union(ports))) }
            broker = Broker(port: ports[0], management: ports[1], distribution: ports[2], epmd: ports[3])
        }
        if needsDatabase, !isUsable(database.map { [$0] }, "database", running) { database = try PortFinder.free(except: all) }
        if needsCache, !isUsable(cache.map { [$0] }, "cache", running) { cache = try PortFinder.free(except: all) }
    }

    private func isUsable(_ ports: [Int]?, _ server: String, _ running: Set<String>) -> Bool {
        guard let ports else { return false }
        return running.contains(server) || ports.allSatisfy(PortFinder.isFree)
    }
}
