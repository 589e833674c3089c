internal import CLinux
import Glibc

/// The file that is executed as the supervisor, held open so that it can come back after a bad upgrade has overwritten it.
struct SupervisorProgram {
    /// argv[0], and where it is looked for.
    let path: String
    /// It came back after a successor that did not work, so what is at the path now is not to be tried again.
    private let isPinned: Bool
    private let file: Descriptor?

    init(path: String) {
        self.init(path: path, isPinned: false, file: Self.open(path))
    }

    private init(path: String, isPinned: Bool, file: Descriptor?) {
        self.path = path
        self.isPinned = isPinned
        self.file = file
    }

    /// What to start after the one before has died: whatever is at the path, unless it is pinned.
    var again: SupervisorProgram { isPinned ? self : SupervisorProgram(path: path) }

    var pinned: SupervisorProgram { SupervisorProgram(path: path, isPinned: true, file: file) }

    /// What to execute.
    var executable: String {
        guard isPinned, let file, !isInPlace(file) else { return path }
        // Resolved in the child, where /proc/self is somebody else.
        return "/proc/\(getpid())/fd/\(file.number)"
    }

    private func isInPlace(_ file: Descriptor) -> Bool {
        var held = stat()
        var found = stat()
        guard fstat(file.number, &held) == 0 else { return true }
        return stat(path, &found) == 0 && found.st_dev == held.st_dev && found.st_ino == held.st_ino
    }

    private static func open(_ path: String) -> Descriptor? {
        let result = clinux_open_name(path)
        return result >= 0 ? Descriptor(result) : nil
    }
}
