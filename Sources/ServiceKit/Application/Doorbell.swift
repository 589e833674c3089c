import Dispatch
import Glibc
internal import Synchronization

/// By which processes on one host tell another that there is work for it in the database. A poll would find it too, up to a second later;
/// NOTIFY in their transactions would serialise the commits.
///
/// A datagram socket with an abstract name that all who share a bell compute alike. Whoever rings it without need causes a look at an
/// empty table, no more.
final class Doorbell: Sendable {
    private let address: [UInt8]
    private let sender: Int32
    private let listener = Mutex<(any DispatchSourceRead)?>(nil)

    /// - Parameter name: any text. Longer ones than fit are told apart by their hash.
    init(name: String) {
        let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        address = [0] + Array("signalbox-bell-\(String(hash, radix: 16))".utf8)
        sender = Self.makeSocket()
    }

    deinit {
        listener.withLock { $0?.cancel() }
        if sender >= 0 { close(sender) }
    }

    /// - Returns: whether somebody listens.
    @discardableResult
    func ring() -> Bool {
        // A listener whose socket is full has been told.
        withAddress { sendto(sender, "", 0, Int32(MSG_NOSIGNAL), $0, $1) == 0 || errno == EAGAIN }
    }

    /// Calls `rung` at each ring from now on, whoever's. Of several listeners on a host only the first hears; the others' calls are no-ops.
    func listen(_ rung: @escaping @Sendable () -> Void) {
        listener.withLock { listener in
            guard listener == nil else { return }
            let descriptor = Self.makeSocket()
            guard descriptor >= 0 else { return }
            guard withAddress({ bind(descriptor, $0, $1) }) == 0 else {
                close(descriptor)
                return
            }
            let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
            source.setEventHandler {
                var byte: UInt8 = 0
                while recv(descriptor, &byte, 1, 0) >= 0 {}
                rung()
            }
            source.setCancelHandler { close(descriptor) }
            source.resume()
            listener = source
        }
    }

    func stopListening() {
        listener.withLock { listener in
            listener?.cancel()
            listener = nil
        }
    }

    private static func makeSocket() -> Int32 {
        socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    }

    private func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: address) }
        // An abstract name is as long as it is said to be.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + address.count)
        return withUnsafePointer(to: &name) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) } }
    }
}
