import Glibc
import Topology

/// Reads the secrets of services from where the topology says they are. Their values go into a process's environment and nowhere else.
struct SecretReader: Sendable {
    /// Bytes; an environment variable that is longer would not be handed over either.
    static let maximumSize = 64 << 10

    /// Why a secret cannot be had, for a person. Never with anything of its value.
    struct Failure: Error, Equatable {
        var reason: String
    }

    /// The topology file's.
    let folder: String
    /// systemd's $CREDENTIALS_DIRECTORY.
    let credentials: String?

    func value(of secret: Secret) throws(Failure) -> String {
        switch secret {
        case .file(let path):
            return try read(path.hasPrefix("/") ? path : "\(folder)/\(path)", isOthersBusiness: false)
        case .credential(let name):
            guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
                throw Failure(reason: "\"\(name)\" cannot name a credential")
            }
            guard let credentials, credentials.hasPrefix("/") else {
                throw Failure(
                    reason: "the credential \(name) cannot be read: there is no $CREDENTIALS_DIRECTORY. "
                        + "Run signalbox under systemd with LoadCredential=\(name):…, or name a file")
            }
            return try read("\(credentials)/\(name)", isOthersBusiness: true)
        }
    }

    /// - Parameter isOthersBusiness: who may read it is systemd's to see to.
    private func read(_ path: String, isOthersBusiness: Bool) throws(Failure) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw Failure(reason: "the secret's file \(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(reason: "the secret's file \(path) is no file")
        }
        guard isOthersBusiness || status.st_mode & 0o007 == 0 else {
            let mode = String(status.st_mode & 0o7777, radix: 8)
            throw Failure(reason: "the secret's file \(path) has mode 0\(mode), by which everybody may use it; chmod 600 it")
        }
        var bytes = [UInt8](repeating: 0, count: Self.maximumSize + 1)
        var count = 0
        while count < bytes.count {
            let part = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            if part == 0 { break }
            guard part > 0 else {
                if errno == EINTR { continue }
                throw Failure(reason: "the secret's file \(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            count += part
        }
        guard count <= Self.maximumSize else { throw Failure(reason: "the secret's file \(path) has more than \(Self.maximumSize) bytes") }
        var value = bytes[..<count]
        if value.last == UInt8(ascii: "\n") { value = value.dropLast() }
        if value.last == UInt8(ascii: "\r") { value = value.dropLast() }
        guard !value.contains(0), let text = String(validating: value, as: UTF8.self) else {
            throw Failure(reason: "the secret's file \(path) is no text, which an environment variable has to be")
        }
        return text
    }
}
