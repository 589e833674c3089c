import Admin
import ArgumentParser
import Supervision

struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues",
        abstract: "Shows the declared queues and what waits in them.",
        discussion: """
            READY waits for a consumer, HELD is being worked on, RETRYING waits for a later attempt, DEAD has failed for good.

            Examples:
              signalbox queues
              signalbox queues --json
            """)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .long, help: "Print JSON, as the admin endpoint answers it.")
    var json = false

    func run() async throws {
        let client = AdminClient(options.location)
        if json {
            Terminal.write(try await client.text("/v1/queues"))
            return
        }
        var table = TextTable("QUEUE", "CONSUMER", "READY", "HELD", "RETRYING", "DEAD", "CONSUMERS")
        for queue in try await client.get("/v1/queues", as: QueueList.self).queues {
            table.add(
                .init(queue.name), .init(queue.consumer), .number(queue.ready), .number(queue.unacknowledged), .number(queue.retrying),
                .init(String(queue.dead), queue.dead > 0 ? .red : nil), .init(String(queue.consumers), queue.consumers == 0 ? .yellow : nil)
            )
        }
        Terminal.lines(table.isEmpty ? ["The topology declares no queues."] : table.lines(style: Terminal.style))
    }
}
