public import ArgumentParser
import ServiceKit
public import ShopServices

/// The reference shop: one subcommand a service.
@main
struct Shop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shop",
        abstract: "One service of the reference shop.",
        discussion: """
            Services:
            \(ShopService.allCases.map { "  \($0.rawValue.padded(to: 14))\($0.summary)" }.joined(separator: "\n"))

            Each is started by `signalbox up`, which hands it its port and its addresses of RabbitMQ, PostgreSQL and Redis in the environment
            (PORT, AMQP_URL, DATABASE_URL, REDIS_URL). By hand, set those yourself.
            """)

    @Argument(help: "The service to run.")
    var service: ShopService

    func run() async throws {
        try await service.run(environment: .process())
    }
}

extension ShopService: ExpressibleByArgument {}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
