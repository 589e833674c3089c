import Glibc
import Topology

/// Whether the addresses that a topology listens on are free, asked before anything is started.
enum ListenCheck {
    static func run(_ topology: Topology) throws(CommandFailure) {
        var taken: [String] = []
        for (owner, address) in [("admin", topology.admin.listen)]
            + topology.services.flatMap({ service in service.listen.map { (service.name, $0) } })
        {
            guard case .tcp(let host, let port) = address, port != 0, let reason = reasonNotToBind(host, port) else { continue }
            taken.append(
                "\(host):\(port), where \(owner) is to listen: \(reason). Find who has it with: ss -ltnp 'sport = :\(port)', or choose another port."
            )
        }
        guard taken.isEmpty else {
            throw CommandFailure((taken + ["Nothing has been started."]).joined(separator: "\n"), status: CommandFailure.configuration)
        }
    }

    /// - Returns: Nil when the address is free, or cannot be judged here.
    private static func reasonNotToBind(_ host: String, _ port: Int) -> String? {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else { return "\(host) is not an address of this host" }
        defer { freeaddrinfo(found) }
        let descriptor = socket(found.pointee.ai_family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) != 0 else { return nil }
        return String(cString: strerror(errno))
    }
}
