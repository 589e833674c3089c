import ArgumentParser
import FoundationEssentials
import Gateway

struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Takes HTTP from clients to the services; name it as a service's command.",
        discussion: """
            The gateway is a service like any other: a topology names it as the command of one, with the address it listens on.

              services:
                gateway:
                  command: signalbox gateway
                  listen: 127.0.0.1:8080

            It reads its routes from what the supervisor hands it, and does not work when started by hand.
            """)

    func run() async throws {
        try await GatewayMain.run(environment: ProcessInfo.processInfo.environment)
    }
}
