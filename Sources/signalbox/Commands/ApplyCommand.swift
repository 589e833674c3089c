import Admin
import ArgumentParser
import Supervision

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Makes what runs match the topology file; what is the same is not touched.",
        discussion: """
            The file is checked first; with a mistake in it nothing is changed. Services whose declaration differs are replaced one instance \
            after the other where that is possible. A new instance that does not become ready in time is taken back, and what ran before goes \
            on. What the file does not name is deleted from the broker only with --prune; signalbox plan --prune shows what that would be.

            A queue or an exchange whose type changes is migrated while services run: what is published meanwhile waits its turn. That goes on \
            when this command has ended; signalbox status shows how far it is.

            It prints what is done, then what happens, and returns when everything is as the file says.

            Examples:
              signalbox plan && signalbox apply
              signalbox apply --no-wait
              signalbox plan --prune && signalbox apply --prune

            Exit status: 0 done (with --no-wait: begun), 1 refused, failed or rolled back, 78 the file has mistakes.
            """)

    private static let pollInterval = Duration.milliseconds(250)

    @OptionGroup var options: TopologyOptions

    @Flag(name: .long, inversion: .prefixedNo, help: "Wait until it is done, or was rolled back.")
    var wait = true

    @Flag(name: .long, help: "Delete queues, exchanges, bindings, policies and rights in the broker that are not in the file.")
    var prune = false

    func run() async throws {
        let client = AdminClient(options.location)
        let last = await client.lastSequence()
        let plan = try await client.post(prune ? "/v1/apply?prune=true" : "/v1/apply", as: ApplyPlan.self)
        Terminal.lines(plan.lines(style: Terminal.style, width: Terminal.width))
        guard wait, plan.hasChanges else { return }
        try await follow(client, ApplyProgress(plan), after: last)
    }

    private func follow(_ client: AdminClient, _ progress: ApplyProgress, after sequence: Int) async throws {
        var progress = progress
        var sequence = sequence
        var area = LiveArea()
        let words = StartupProgress(style: Terminal.style)
        let begin = ContinuousClock.now
        var frame = 0
        Terminal.line("")
        while true {
            let transitions = await client.transitionsIfAnswered(after: sequence)
            sequence = transitions.last?.sequence ?? sequence
            let told = transitions.filter { progress.concerns($0.service) }.map { $0.line(style: Terminal.style) }
            guard let status = await client.statusIfAnswered() else {
                area.draw(lasting: told)
                guard KeeperLock.isHeld(options.location.lockPath) else {
                    throw CommandFailure("Signalbox was stopped before everything was applied.")
                }
                try await Task.sleep(for: Self.pollInterval)
                continue
            }
            let elapsed = begin.duration(to: .now)
            switch progress.look(at: status) {
            case .underWay:
                let waiting = progress.waiting(status)
                frame += 1
                area.draw(lasting: told, live: [words.line(waiting.isEmpty ? "applying" : waiting, after: elapsed, frame: frame)])
                try await Task.sleep(for: Self.pollInterval)
            case .failed(let reasons):
                area.draw(lasting: told)
                throw CommandFailure("Not everything was applied. " + reasons.joined(separator: "\n"))
            case .settled:
                area.draw(lasting: told)
                let taken = progress.takenBack(try await client.get("/v1/plan", as: ApplyPlan.self))
                guard taken.isEmpty else {
                    throw CommandFailure(
                        "Rolled back; what ran before runs on:\n" + taken.map { "    \($0)" }.joined(separator: "\n")
                            + "\nCorrect the file and apply again; signalbox why tells the whole story.")
                }
                Terminal.line("Done after \(StartupProgress.seconds(elapsed)).")
                for migration in status.broker?.migrations ?? [] { Terminal.line("Being migrated: \(migration)") }
                return
            }
        }
    }
}
