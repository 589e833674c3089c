import NIOCore
import NIOPosix

enum TCPCheck {
    static func connect(host: String, port: Int, timeout: Duration) async -> ProbeAnswer {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(TimeAmount(timeout))
                .connect(host: host, port: port)
                .get()
            channel.close(promise: nil)
            return .success
        } catch {
            return .failure("cannot connect to \(host):\(port): \(error)")
        }
    }
}
