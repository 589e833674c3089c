import ServiceKit
import Synchronization

/// Publishes numbered events, so many a second, each in the transaction in which it is written down.
enum Ticker {
    private static let pause = Duration.milliseconds(20)

    struct Sent: ResponseEncodable, Sendable {
        var sent: Int
    }

    static func install(in application: ServiceApplication, rate: Int) throws {
        let database = try application.database
        let isSilent = Atomic(false)
        application.migrate([Migration("1 sent", "CREATE TABLE sent (number bigint PRIMARY KEY)")])
        application.router.post("/silence") { _, _ in
            isSilent.store(true, ordering: .relaxed)
            return HTTPResponse.Status.noContent
        }
        application.router.get("/sent") { _, _ in
            let rows = try await database.query("SELECT count(*) FROM sent")
            return Sent(sent: try rows[0].get(0))
        }
        application.background("ticks") {
            let begin = ContinuousClock.now
            var number = 0
            while !isSilent.load(ordering: .relaxed) {
                let due = Int(begin.duration(to: .now) / .seconds(1) * Double(rate))
                if number < due {
                    let numbers = number + 1...min(due, number + 100)
                    try await database.transaction { transaction in
                        for number in numbers {
                            try await transaction.execute("INSERT INTO sent VALUES ($1)", [number])
                            _ = try await transaction.publish(Tick(number: number))
                        }
                    }
                    number = numbers.upperBound
                }
                try await Task.sleep(for: pause)
            }
        }
    }
}
