import ArgumentParser
import Dispatch
import Glibc

/// `signalbox`: the command line, and every process that Signalbox itself consists of.
@main
enum Main {
    static func main() {
        // Writing to a closed pipe or socket is an error to be handled, not the end.
        signal(SIGPIPE, SIG_IGN)
        // A parent with threads of its own may have handed its blocked signals down, and Ctrl-C would never arrive.
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        let arguments = Array(CommandLine.arguments.dropFirst())
        // The keeper stays on the main thread, without a concurrency runtime: processes that it starts are tied to that thread's life.
        if arguments.first == KeeperCommand.name { exit(KeeperCommand.main(Array(arguments.dropFirst()))) }
        // The one root of all asynchronous work; it ends the process.
        Task { await run(arguments) }
        dispatchMain()
    }

    private static func run(_ arguments: [String]) async {
        do {
            var command = try SignalboxCommand.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            Terminal.error(failure.message)
            exit(failure.status)
        } catch {
            SignalboxCommand.exit(withError: error)
        }
        exit(0)
    }
}
