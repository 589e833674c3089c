import Admin
import ArgumentParser
import FoundationEssentials
import TraceStore

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Shows what became of an order: every step through all services, with its time.",
        discussion: """
            Given what events are about, an order's id for instance, it shows every trace that has to do with it, from the client's request to \
            the last event's handler; given a trace's id, as it stands in log lines (trace_id), it shows that one. Each step stands below the one \
            that caused it.

            The spans are read from the state directory, whether Signalbox runs or not. They are kept for a week, or until 256 MB are full.

            Examples:
              signalbox trace 019a8f3c-6c1e-7d3a-9f65-0d1c5d7b8e21
              signalbox trace 4bf92f3577b34da6a3ce929d0e0e4736
              signalbox trace 019a8f3c-6c1e-7d3a-9f65-0d1c5d7b8e21 --json | jq '.traces[].spans[] | select(.status == "error")'

            Exit status: 0 shown, 1 nothing was found or it could not be read, 64 wrong usage.
            """)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @Argument(help: ArgumentHelp("An order's id, or a trace's.", valueName: "order-id|trace-id"))
    var id: String

    func run() async throws {
        let folder = options.location.stateDirectory + "/traces"
        let found: TraceSearch.Result
        do throws(TraceStoreError) {
            found = try TraceSearch(TraceFolder(path: folder)).find(TraceQuery(id))
        } catch {
            throw CommandFailure(error.message)
        }
        if found.unreadable > 0 {
            Terminal.note("note: \(found.unreadable) files of traces are other users'; run the command with sudo to see what is in them")
        }
        guard !found.spans.isEmpty else {
            throw CommandFailure(
                "No trace of '\(id)' is in \(folder). Is it written in full? Traces are kept for a week or until 256 MB are full, and of many "
                    + "requests a second that change nothing only some are recorded.")
        }
        let tree = TraceTree(found.spans)
        if json {
            try Terminal.json(TraceDocument(tree, omitted: found.omitted))
        } else {
            Terminal.lines(TraceText(style: Terminal.style, width: Terminal.width, clock: Self.clock).lines(tree))
        }
        if found.omitted > 0 { Terminal.note("note: \(found.omitted) more spans were left out") }
    }

    private static func clock(_ nanoseconds: UInt64) -> String {
        LocalTime.clock(seconds: Double(nanoseconds / 1_000_000) / 1000)
    }
}
