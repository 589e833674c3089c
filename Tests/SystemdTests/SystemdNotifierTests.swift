import Glibc
import Systemd
import TestSupport
import Testing

@Suite struct SystemdNotifierTests {
    @Test(arguments: [false, true]) func tellsTheServiceManager(isAbstract: Bool) throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let listener = try DatagramListener(name: isAbstract ? "@\(folder)" : "\(folder)/notify")
        let notifier = try #require(SystemdNotifier(socket: listener.name))
        notifier.ready()
        notifier.status("two\nlines")
        notifier.watchdog()
        notifier.stopping()
        #expect((0..<4).map { _ in listener.receive() } == ["READY=1", "STATUS=two lines", "WATCHDOG=1", "STOPPING=1"])
    }

    @Test func aManagerThatDoesNotListenIsNoFailure() {
        SystemdNotifier(socket: "/nonexistent/notify")?.ready()
    }

    @Test(arguments: [nil, "", "relative", "/" + String(repeating: "x", count: 200)])
    func thereIsNoneWithoutASocket(socket: String?) {
        #expect(SystemdNotifier(socket: socket) == nil)
    }
}

/// A socket of the kind a service manager listens on.
private final class DatagramListener {
    let name: String
    private let descriptor: Int32

    init(name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = name.hasPrefix("@") ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    func receive() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }
}
