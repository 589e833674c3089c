import Glibc
import Keeper

/// One life of the supervisor of a `RunningKeeper`.
final class RunningSupervisor: Sendable {
    let pid: pid_t
    /// The control socket, by way of the supervisor process.
    let control: Int32
    private let orders: Int32

    init(pid: pid_t, control: Int32, orders: Int32) {
        self.pid = pid
        self.control = control
        self.orders = orders
    }

    deinit {
        close(orders)
    }

    func client() throws -> KeeperClient {
        try KeeperClient.connect(descriptor: control)
    }

    func exit(status: UInt8) {
        var byte = status
        send(orders, &byte, 1, Int32(MSG_NOSIGNAL))
    }
}
