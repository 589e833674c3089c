import FoundationEssentials

/// The file that this process executes.
enum Executable {
    private static let deletedMark = " (deleted)"

    /// Absolute. After an upgrade in place it is the new file's.
    static let path: String = {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return CommandLine.arguments[0]
        }
        return path.hasSuffix(deletedMark) ? String(path.dropLast(deletedMark.count)) : path
    }()
}
