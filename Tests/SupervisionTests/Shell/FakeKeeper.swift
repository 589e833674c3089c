import Glibc
@testable import Keeper
@testable import Supervision
import Synchronization

/// A keeper's end of the control socket that answers as a test wants it to, or not at all.
final class FakeKeeper: Sendable {
    /// Nil: it says nothing.
    typealias Handler = @Sendable (KeeperCommand) -> KeeperResult?

    let client: KeeperClient
    private let socket: Int32
    private let log = Mutex<[String]>([])

    init(requestTimeout: Duration = .seconds(30), _ handler: @escaping Handler) throws {
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw SystemError.last("socketpair")
        }
        socket = pair[0]
        client = try KeeperClient.connect(descriptor: pair[1], requestTimeout: requestTimeout)
        _ = BlockingThread.start { self.serve(handler) }
    }

    /// What it was asked, in order: `spawn order/1`, `signal order/1 15`, `list` …
    var commands: [String] { log.withLock(\.self) }

    /// Of a process that has been started as it was asked to.
    static func record(_ specification: ProcessSpecification, pid: Int32) -> ProcessRecord {
        ProcessRecord(specification: specification, pid: pid, startTime: 1, startedAt: Supervisor.secondsSince1970)
    }

    /// As if it had died.
    func close() { shutdown(socket, Int32(SHUT_RDWR)) }

    private func serve(_ handler: Handler) {
        defer { Glibc.close(socket) }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 {
            received += buffer[..<count]
            while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let frame = Array(received[..<end])
                received.removeFirst(end + 1)
                guard let request = try? ControlCoding.decode(KeeperRequest.self, from: frame) else { continue }
                log.withLock { $0.append(Self.words(request.command)) }
                guard let result = handler(request.command),
                    let reply = try? ControlCoding.encode(KeeperMessage.reply(number: request.number, result))
                else { continue }
                _ = send(socket, reply, reply.count, Int32(MSG_NOSIGNAL))
            }
        }
    }

    private static func words(_ command: KeeperCommand) -> String {
        switch command {
        case .list: "list"
        case .spawn(let specification): "spawn \(specification.id)"
        case .signal(let id, let signal): "signal \(id) \(signal)"
        case .kill(let id): "kill \(id)"
        case .forget(let id): "forget \(id)"
        default: "\(command)"
        }
    }
}
