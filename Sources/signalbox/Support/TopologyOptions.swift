import Admin
import ArgumentParser
import FoundationEssentials

/// Which topology a command works on.
struct TopologyOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The topology file (default: topology.yaml here).", valueName: "file"))
    var file: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where Signalbox keeps its state (default: systemd's STATE_DIRECTORY, else .signalbox beside the file).", valueName: "folder"))
    var stateDir: String?

    var location: TopologyLocation {
        TopologyLocation(
            file: file, stateDirectory: stateDir, environment: ProcessInfo.processInfo.environment,
            workingDirectory: FileManager.default.currentDirectoryPath)
    }
}
