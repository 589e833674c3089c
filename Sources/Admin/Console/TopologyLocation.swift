/// Which topology is meant: its file, and the state directory that belongs to it.
package struct TopologyLocation: Sendable, Equatable {
    package static let defaultFile = "topology.yaml"
    package static let stateDirectoryName = ".signalbox"
    /// Bytes. Unix sockets lie in the state directory, and their paths may have 107.
    package static let maximumStateDirectory = 80

    /// Absolute.
    package var file: String
    /// Absolute.
    package var stateDirectory: String
    /// The file as the person named it, for messages.
    package var shownFile: String

    /// - Parameters:
    ///   - file: as given on the command line; nil: `topology.yaml` in the working directory.
    ///   - stateDirectory: as given on the command line; nil: systemd's STATE_DIRECTORY, else `.signalbox` beside the file.
    ///   - workingDirectory: absolute.
    package init(file: String?, stateDirectory: String?, environment: [String: String], workingDirectory: String) {
        shownFile = file ?? "./" + Self.defaultFile
        self.file = Self.absolute(file ?? Self.defaultFile, in: workingDirectory)
        // systemd separates several by colons.
        let systemd = environment["STATE_DIRECTORY"]?.split(separator: ":").first.map(String.init)
        if let given = stateDirectory ?? systemd {
            self.stateDirectory = Self.absolute(given, in: workingDirectory)
        } else {
            let folder = self.file.split(separator: "/").dropLast().map(String.init)
            self.stateDirectory = "/" + (folder + [Self.stateDirectoryName]).joined(separator: "/")
        }
    }

    package var socketPath: String { stateDirectory + "/admin.sock" }
    package var lockPath: String { stateDirectory + "/keeper.lock" }
    package var logDirectory: String { stateDirectory + "/logs" }
    /// There while a keeper runs, and after one that was killed: what it ran may run still.
    package var recordPath: String { stateDirectory + "/run/keeper.json" }
    /// Where the supervisor leaves the reason when it gives up, for `signalbox up` to show.
    package var failurePath: String { stateDirectory + "/failure" }

    /// Without `.` and `..`, which are resolved by name alone.
    private static func absolute(_ path: String, in workingDirectory: String) -> String {
        var parts: [Substring] = []
        for part in (path.hasPrefix("/") ? path : workingDirectory + "/" + path).split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}
