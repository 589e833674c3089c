import CLinux
import Glibc
import Keeper
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct SocketTests {
    @Test func aListeningSocketOutlivesItsProcess() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        let address = try await client.openSocket(name: "http", address: .tcp(host: "127.0.0.1", port: 0))
        #expect(try await client.openSocket(name: "http", address: .tcp(host: "127.0.0.1", port: 0)) == address)
        let path = keeper.folder + "/service.sock"
        #expect(try await client.openSocket(name: "local", address: .unix(path: path)) == .unix(path: path))
        guard case .tcp(_, let port) = address else {
            Issue.record("a TCP socket has another address: \(address)")
            return
        }
        let specification = host("server", ["serve"], in: keeper) { $0.sockets = ["http", "local"] }
        let first = try await client.spawn(specification)
        #expect(await ask(port) == "own true pid \(first.pid) fds 2 names http:local\n")
        try await client.kill(id: "server")
        _ = await exitStatus(of: "server", client.events)
        // Nobody serves now: a client waits in the socket's queue instead of being refused.
        async let waiting = ask(port)
        let second = try await client.spawn(specification)
        #expect(await waiting == "own true pid \(second.pid) fds 2 names http:local\n")
        try await client.closeSocket(name: "local")
        #expect(access(path, F_OK) != 0)
        #expect(await errorCode { () async throws(KeeperError) in try await client.closeSocket(name: "local") } == .unknownSocket)
        try await keeper.stop(supervisor)
    }

    @Test func anAddressKeepsItsSocketUnderAnotherName() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        let (a, b) = (try await freePort(client), try await freePort(client))
        let (first, second) = (KeeperAddress.tcp(host: "127.0.0.1", port: a), KeeperAddress.tcp(host: "127.0.0.1", port: b))
        _ = try await client.openSocket(name: "svc.0", address: first)
        _ = try await client.openSocket(name: "svc.1", address: second)
        let old = try await client.spawn(host("old", ["serve"], in: keeper) { $0.sockets = ["svc.0", "svc.1"] })
        // Each serves on its first one alone.
        #expect(await ask(a).contains("pid \(old.pid) fds 2"))

        // Swapped, while the old process still listens on both.
        #expect(try await client.openSocket(name: "svc.0", address: second) == second)
        #expect(try await client.openSocket(name: "svc.1", address: first) == first)
        let swapped = try await client.spawn(host("swapped", ["serve"], in: keeper) { $0.sockets = ["svc.0", "svc.1"] })
        #expect(await ask(b).contains("pid \(swapped.pid) fds 2"))
        #expect(await ask(a).contains("pid \(old.pid) fds 2"))

        // The second is off the list now, and can be had again while a process has it.
        try await client.closeSocket(name: "svc.0")
        #expect(try await client.openSocket(name: "svc.0", address: second) == second)
        try await client.closeSocket(name: "svc.0")

        // With its last name and its last process the socket is gone.
        for id in ["old", "swapped"] {
            try await client.kill(id: id)
            _ = await exitStatus(of: id, client.events)
        }
        #expect(try await client.openSocket(name: "again", address: second) == second)
        try await keeper.stop(supervisor)
    }

    @Test(arguments: [("127.0.0.1", "0.0.0.0"), ("0.0.0.0", "127.0.0.1")])
    func oneAddressAndAllOfThemMayTakeEachOthersPlace(before: String, after: String) async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        let port = try await freePort(client)
        _ = try await client.openSocket(name: "svc.0", address: .tcp(host: before, port: port))
        _ = try await client.spawn(host("old", ["serve"], in: keeper) { $0.sockets = ["svc.0"] })
        _ = try await client.openSocket(name: "svc.0", address: .tcp(host: after, port: port))
        let new = try await client.spawn(host("new", ["serve"], in: keeper) { $0.sockets = ["svc.0"] })
        try await client.kill(id: "old")
        _ = await exitStatus(of: "old", client.events)
        #expect(await ask(port).contains("pid \(new.pid) fds 1"))
        try await keeper.stop(supervisor)
    }

    /// One that nobody listens on at this moment.
    private func freePort(_ client: KeeperClient) async throws -> Int {
        guard case .tcp(_, let port) = try await client.openSocket(name: "free", address: .tcp(host: "127.0.0.1", port: 0)) else {
            return 0
        }
        try await client.closeSocket(name: "free")
        return port
    }

    @Test func anAddressInUseIsToldWithWhatToDo() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        let address = try await client.openSocket(name: "one", address: .tcp(host: "127.0.0.1", port: 0))
        do throws(KeeperError) {
            _ = try await client.openSocket(name: "two", address: address)
            Issue.record("two sockets on one address")
        } catch {
            #expect(error.code == .cannotListen && error.underlying?.number == EADDRINUSE)
            #expect(error.message.contains("\(address)"))
        }
        #expect(
            await errorCode { () async throws(KeeperError) in
                _ = try await client.openSocket(name: "three", address: .tcp(host: "localhost.example", port: 80))
            } == .invalidSpecification)
        try await keeper.stop(supervisor)
    }

    @Test func readinessIsToldAndRemembered() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        _ = try await client.spawn(host("ready", ["notify", "READY=1", "STATUS=at work"], in: keeper) { $0.notify = true })
        let fields = await next(client.events) { if case .notified("ready", let fields) = $0 { fields } else { nil } }
        #expect(fields == ["READY": "1", "STATUS": "at work"])
        #expect(try await client.list().first?.isReadyNotified == true)
        try await keeper.stop(supervisor)
    }

    @Test func aNotificationFromOutsideIsNotBelieved() async throws {
        let (keeper, supervisor, client) = try await RunningKeeper.started()
        _ = try await client.list()
        _ = try await client.spawn(
            shell("victim", "echo \"$NOTIFY_SOCKET\"; exec sleep 300", in: keeper) { $0.notify = true })
        try await eventually("the socket's path") { !logLines("victim", keeper).isEmpty }
        let path = String(logLines("victim", keeper)[0].dropFirst(4))
        _ = try await client.spawn(host("liar", ["notify", "READY=1"], in: keeper) { $0.environment["NOTIFY_SOCKET"] = path })
        // The keeper takes datagrams in order: when its own has come, the liar's has been looked at.
        _ = try await client.spawn(host("honest", ["notify", "READY=1"], in: keeper) { $0.notify = true })
        let first = await next(client.events) { if case .notified(let id, _) = $0 { id } else { nil } }
        #expect(first == "honest")
        #expect(try await client.list().first?.isReadyNotified == false)
        try await keeper.stop(supervisor)
    }

    /// What the server says to a new connection, on a thread that may wait.
    private func ask(_ port: Int) async -> String {
        await withCheckedContinuation { continuation in
            let thread = Thread(port: port, continuation: continuation)
            thread.start()
        }
    }
}

/// A blocking client on its own thread.
private final class Thread: Sendable {
    private let port: Int
    private let continuation: CheckedContinuation<String, Never>

    init(port: Int, continuation: CheckedContinuation<String, Never>) {
        self.port = port
        self.continuation = continuation
    }

    func start() {
        var thread = pthread_t()
        let own = Unmanaged.passRetained(self)
        pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Thread>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, own.toOpaque())
        pthread_detach(thread)
    }

    private func run() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while result == 0, case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
        continuation.resume(returning: result == 0 ? String(decoding: answer, as: UTF8.self) : "refused")
    }
}
