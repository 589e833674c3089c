internal import CLinux
import Glibc

/// The NOTIFY_SOCKET of one process: datagrams as in sd_notify(3), believed only if they come from the process's containment.
final class NotifySocket {
    static let maximumDatagram = 8 << 10
    static let maximumFields = 32
    static let maximumDatagramsPerTurn = 32

    let path: String
    let socket: Descriptor
    private let user: uid_t

    /// - Parameters:
    ///   - user: the process's user, who alone (with root) may write to the socket.
    init(path: String, user: uid_t) throws(SystemError) {
        self.path = path
        self.user = user
        let number = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw .last("socket") }
        socket = Descriptor(number)
        unlink(path)
        var on: Int32 = 1
        setsockopt(number, SOL_SOCKET, SO_PASSCRED, &on, socklen_t(MemoryLayout<Int32>.size))
        let result = UnixAddress.with(path) { bind(number, $0, $1) }
        guard result == 0 else { throw result == nil ? SystemError(step: "bind \(path)", number: ENAMETOOLONG) : .last("bind \(path)") }
        guard chmod(path, 0o600) == 0, user == geteuid() || chown(path, user, gid_t.max) == 0 else { throw .last("chown \(path)") }
    }

    deinit {
        unlink(path)
    }

    /// The fields of what has arrived, later ones over earlier ones.
    func receive(from containment: any Containment) -> [String: String] {
        var fields: [String: String] = [:]
        var buffer = [UInt8](repeating: 0, count: Self.maximumDatagram)
        for _ in 0..<Self.maximumDatagramsPerTurn {
            var sender = clinux_sender()
            let count = clinux_receive_from_sender(socket.number, &buffer, buffer.count, &sender)
            guard count >= 0 else { break }
            guard isBelieved(sender, containment) else { continue }
            fields = NotifyFields.merged(fields, Self.parse(buffer[..<count]))
        }
        return fields
    }

    /// `systemd-notify` and its like may be gone before they are looked at: then their user must do.
    private func isBelieved(_ sender: clinux_sender, _ containment: any Containment) -> Bool {
        guard sender.user == user || sender.user == 0 else { return false }
        return containment.contains(sender.pid) ?? true
    }

    static func parse(_ datagram: some Collection<UInt8>) -> [String: String] {
        var fields: [String: String] = [:]
        for line in String(decoding: datagram, as: UTF8.self).split(separator: "\n") {
            guard let equals = line.firstIndex(of: "="), equals != line.startIndex, fields.count < maximumFields else { continue }
            let field = [String(line[..<equals]): String(line[line.index(after: equals)...])]
            fields = NotifyFields.merged(fields, field)
        }
        return fields
    }
}
