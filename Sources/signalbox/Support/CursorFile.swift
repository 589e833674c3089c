import FoundationEssentials
import Glibc

/// Where one invocation of `signalbox logs` leaves its place for the next.
struct CursorFile {
    private static let maximumSize = 128 << 10

    let path: String

    /// - Returns: Nil when there is no such file yet.
    func load() throws(CommandFailure) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else {
            guard !FileManager.default.fileExists(atPath: path) else {
                throw CommandFailure("\(path) cannot be read. Is it a file, and yours to read?")
            }
            return nil
        }
        let word = String(decoding: data.prefix(Self.maximumSize), as: UTF8.self).split(whereSeparator: \.isWhitespace).first
        return word.map(String.init)
    }

    /// Whole, or not at all: a place that was cut short would be none.
    func store(_ cursor: String) throws(CommandFailure) {
        do { try Data("\(cursor)\n".utf8).write(to: URL(filePath: path), options: .atomic) } catch {
            throw CommandFailure("The lines were shown, but their place could not be kept in \(path): \(error)")
        }
    }
}
