import FoundationEssentials
import Glibc

/// The secret that a client over TCP shows: `Authorization: Bearer <token>`.
package struct AdminToken: Sendable {
    private static let byteCount = 32
    private static let maximumFileSize = 4096

    private let bytes: [UInt8]

    package init(_ text: String) { bytes = Array(text.utf8) }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Reads the token at `path`, or makes one there (32 random bytes in hexadecimal, readable by its owner alone).
    package static func loadOrCreate(path: String) throws(AdminError) -> AdminToken {
        if let token = try load(path: path) { return token }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw AdminError(.token, "cannot make the admin token \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let token = AdminToken(random())
        let line = token.bytes + [UInt8(ascii: "\n")]
        // One write: a file of 65 bytes is written whole or not at all.
        guard write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(path)
            throw AdminError(.token, "cannot write the admin token \(path): \(reason)")
        }
        return token
    }

    /// - Returns: Nil when there is no such file.
    private static func load(path: String) throws(AdminError) -> AdminToken? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw AdminError(.token, "cannot read the admin token \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw AdminError(.token, "others than its owner may read the admin token \(path): chmod 600 it, or delete it to get a new one")
        }
        var buffer = [UInt8](repeating: 0, count: maximumFileSize)
        let count = read(descriptor, &buffer, buffer.count)
        let text = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
            .trimmingCharacters { $0.isWhitespace }
        guard text.utf8.count >= byteCount else {
            throw AdminError(.token, "the admin token \(path) is shorter than \(byteCount) characters: delete it to get a new one")
        }
        return AdminToken(text)
    }

    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<byteCount).map { _ in
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// Compares in a time that depends on the length of `candidate` alone.
    package func matches(_ candidate: some StringProtocol) -> Bool {
        let other = Array(candidate.utf8)
        var difference = bytes.count ^ other.count
        for (index, byte) in other.enumerated() {
            difference |= Int(byte ^ bytes[index % bytes.count])
        }
        return difference == 0
    }
}

extension String {
    fileprivate func trimmingCharacters(where isTrimmed: (Character) -> Bool) -> String {
        var rest = self[...]
        while let first = rest.first, isTrimmed(first) { rest.removeFirst() }
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return String(rest)
    }
}
