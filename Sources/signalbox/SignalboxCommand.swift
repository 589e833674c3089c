import ArgumentParser

struct SignalboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signalbox",
        abstract: "Runs an event-driven backend on one host from one file.",
        discussion: """
            topology.yaml declares the services, the RabbitMQ exchanges and queues, and the HTTP routes. Signalbox makes the broker match it, \
            starts the services, watches their health, restarts and scales them.

            A first round:
              signalbox check              is the file right?
              signalbox up                 start everything and watch it; Ctrl-C stops it
              signalbox status             how is everything? (from another terminal)
              signalbox why order          why is it so, and what can I do?
              signalbox logs -f order      what does a service say?
              signalbox trace ORDER_ID     what became of an order, step by step?
              signalbox scale order=3      three instances of it
              signalbox plan               the file has changed: what would that do?
              signalbox apply              make it so

            Every command works on the topology.yaml of the working directory unless --file says otherwise.

            Exit status: 0 done, 1 failed, 64 wrong usage, 78 the topology file or the set-up of this host is wrong.
            """,
        version: SignalboxVersion.text,
        groupedSubcommands: [
            CommandGroup(name: "Run", subcommands: [UpCommand.self, DownCommand.self, StatusCommand.self, UpgradeCommand.self]),
            CommandGroup(
                name: "Service",
                subcommands: [
                    LogsCommand.self, TraceCommand.self, WhyCommand.self, EventsCommand.self, ScaleCommand.self, StartCommand.self,
                    StopCommand.self,
                    RestartCommand.self, RunCommand.self,
                ]),
            CommandGroup(
                name: "File",
                subcommands: [CheckCommand.self, PlanCommand.self, ApplyCommand.self, SchemaCommand.self, ExportCommand.self]),
            CommandGroup(name: "Broker", subcommands: [QueuesCommand.self, DeadLettersCommand.self]),
            CommandGroup(
                name: "Process", subcommands: [GatewayCommand.self, KeeperCommand.self, SuperviseCommand.self]),
        ])
}
