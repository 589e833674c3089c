import ServiceKit

/// Writes down each event that it takes; one that it wrote down twice would show.
enum Counter {
    struct Seen: ResponseEncodable, Sendable {
        var seen: Int
        var distinct: Int
        var instances: Int
    }

    static func install(in application: ServiceApplication) throws {
        let database = try application.database
        let instance = application.environment.instance
        application.migrate([Migration("1 seen", "CREATE TABLE seen (number bigint NOT NULL, instance bigint NOT NULL)")])
        application.handle(Tick.self, from: "ticks") { tick, _, transaction in
            try await transaction.execute("INSERT INTO seen VALUES ($1, $2)", [tick.number, instance])
        }
        application.router.get("/seen") { _, _ in
            let rows = try await database.query("SELECT count(*), count(DISTINCT number), count(DISTINCT instance) FROM seen")
            return Seen(seen: try rows[0].get(0), distinct: try rows[0].get(1), instances: try rows[0].get(2))
        }
    }
}
