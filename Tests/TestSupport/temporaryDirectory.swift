import Foundation
import Glibc

/// A new folder under /tmp that every user can pass through. The caller removes it (`removeDirectory`).
package func temporaryDirectory() throws -> String {
    var template = Array("/tmp/signalbox-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestSupportError("mkdtemp: \(String(cString: strerror(errno)))") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(path, 0o711)
    return path
}

/// Removes a folder and all that is in it, without following symbolic links out of it.
package func removeDirectory(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
}
