import Admin
import ArgumentParser
import Supervision

struct ScaleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Sets how many instances of a service there are.",
        discussion: """
            Instances that are too many finish what they hold first. The number holds until the next scale, or until the file's changes. It \
            returns when the instances are ready, or have ended.

            Examples:
              signalbox scale order=3
              signalbox scale order=3 payment=2
              signalbox scale order 1
            """)

    @OptionGroup var options: TopologyOptions

    @Argument(help: ArgumentHelp("Which service, and how many instances.", valueName: "service=instances"))
    var wishes: [String]

    func validate() throws {
        guard ScaleWish.parse(wishes) != nil else {
            throw ValidationError(
                "'\(wishes.joined(separator: " "))' does not say how many of what. Write for instance: signalbox scale order=3")
        }
    }

    func run() async throws {
        let client = AdminClient(options.location)
        var begun: [ServiceStatus] = []
        for wish in ScaleWish.parse(wishes) ?? [] {
            let service = try await client.put(
                "/v1/services/\(wish.service.percentEncoded)/scale", ScaleRequest(instances: wish.instances), as: ServiceStatus.self)
            begun.append(service)
            if service.isUnderWay == true { Terminal.line("\(service.name): \(service.desired) desired, \(service.ready) ready now") }
        }
        try await SettleWait(options.location, client).run(begun)
    }
}
