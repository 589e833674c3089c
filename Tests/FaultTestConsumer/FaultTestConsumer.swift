import Foundation
import ServiceKit

/// Services of the fault tests: `tick RATE` publishes numbered events until it is told to be silent, `count` writes down each that it
/// takes. What the one sent is held against what the other wrote. `audit` writes down what the shop's bus carries.
@main struct FaultTestConsumer {
    static func main() async throws {
        let application = try ServiceApplication(environment: .process())
        let arguments = CommandLine.arguments.dropFirst()
        switch arguments.first {
        case "tick": try Ticker.install(in: application, rate: arguments.dropFirst().first.flatMap { Int($0) } ?? 100)
        case "count": try Counter.install(in: application)
        case "audit": Observer.install(in: application)
        default:
            FileHandle.standardError.write(Data("usage: FaultTestConsumer tick RATE | count | audit\n".utf8))
            exit(64)
        }
        try await application.run()
    }
}
