import Glibc

/// Says what it is told to by sd_notify(3), then does nothing until a signal ends it.
struct Notifier {
    let assignments: [String]

    func run() -> Int32 {
        guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }) else { return 64 }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let bytes = path.hasPrefix("@") ? [0] + Array(path.utf8.dropFirst()) : Array(path.utf8)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        for assignment in assignments {
            let message = Array(assignment.utf8)
            _ = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
                }
            }
        }
        while true { pause() }
    }
}
