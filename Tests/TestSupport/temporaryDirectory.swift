import Foundation
import Glibc

/// A new folder under /tmp that every user can pass through. It is removed when this test process ends, if not before
/// (`removeDirectory`).
package func temporaryDirectory() throws -> String {
    try makeDirectory(template: "\(try TemporaryRoot.shared.get().path)/XXXXXX")
}

/// Removes a folder and all that is in it, without following symbolic links out of it.
package func removeDirectory(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
}

private func makeDirectory(template: String) throws -> String {
    var template = Array(template.utf8CString)
    guard mkdtemp(&template) != nil else { throw TestSupportError("mkdtemp: \(String(cString: strerror(errno)))") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(path, 0o711)
    return path
}

/// The folder of this process's folders, and a small shell that removes it when this process has ended, however it ended.
private struct TemporaryRoot {
    let path: String

    static let shared = Result { try TemporaryRoot() }

    init() throws {
        path = try makeDirectory(template: "/tmp/signalbox-test-XXXXXX")
        // Servers in it are being killed at the same moment: hence more than one attempt.
        let script = """
            read -r end <&3
            for attempt in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1" && exit; sleep 0.5; done
            """
        _ = try GuardianShell.start(script, arguments: [path], environment: ["PATH": "/usr/bin:/bin"], logFile: "/dev/null")
    }
}
