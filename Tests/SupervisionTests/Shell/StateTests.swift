import Foundation
import Glibc
@testable import Supervision
import TestSupport
import Testing

/// What lies in the state directory.
@Suite struct StateTests {
    @Test func aSecretIsMadeOnceAndForOneUserOnly() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let secret = try SecretStore(folder: folder).secret("broker")
        #expect(secret.utf8.count == SecretStore.length)
        #expect(try SecretStore(folder: folder).secret("broker") == secret)
        #expect(try SecretStore(folder: folder).secret("cache") != secret)
        var status = stat()
        #expect(stat("\(folder)/broker", &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func aFileIsReplacedWhole() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        #expect(try StateFile.read("\(folder)/a") == nil)
        for text in ["one", "two"] {
            try StateFile.write(text.utf8, to: "\(folder)/a", mode: 0o640)
            #expect(try StateFile.read("\(folder)/a") == Array(text.utf8))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
        #expect(throws: SupervisorError.self) { try StateFile.write("x".utf8, to: "\(folder)/none/a", mode: 0o640) }
    }

    @Test func aPathTooLongForSocketsIsRefused() {
        #expect(throws: SupervisorError.self) { try StateDirectory(path: "/tmp/" + String(repeating: "x", count: 90)).make() }
    }

    @Test func portsStayUnlessSomebodyElseTookThem() throws {
        var ports = ServerPorts()
        try ports.settle(broker: true, database: true, cache: false, running: [])
        #expect(ports.all.count == 5)
        #expect(ports.cache == nil)
        let first = ports
        try ports.settle(broker: true, database: true, cache: false, running: [])
        #expect(ports == first)

        let (listener, taken) = try listen()
        defer { close(listener) }
        ports.database = taken
        try ports.settle(broker: true, database: true, cache: false, running: ["database"])
        #expect(ports.database == taken)
        try ports.settle(broker: true, database: true, cache: false, running: [])
        #expect(ports.database != taken)
        #expect(ports.broker == first.broker)
    }

    @Test func transitionsAreNumberedOverRestarts() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let path = "\(folder)/transitions.jsonl"
        var log = TransitionLog(path: path)
        for number in 1...3 { #expect(log.append(transition("order"), secondsSince1970: 0).sequence == number) }
        let file = try #require(FileHandle(forWritingAtPath: path))
        file.seekToEndOfFile()
        file.write(Data("{\"sequence\":4,\"ti".utf8))
        try file.close()
        var next = TransitionLog(path: path)
        #expect(next.newest(2, after: 0).map(\.sequence) == [2, 3])
        #expect(next.newest(10, after: 2).map(\.sequence) == [3])
        #expect(next.append(transition("order"), secondsSince1970: 0).sequence == 4)
    }

    @Test func aFollowerHearsWhatHappensFromNowOn() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        var log = TransitionLog(path: "\(folder)/transitions.jsonl")
        _ = log.append(transition("before"), secondsSince1970: 0)
        let stream = log.follow { _ in }
        _ = log.append(transition("after"), secondsSince1970: 0)
        log.finish()
        var heard: [String] = []
        for await record in stream { heard.append(record.service) }
        #expect(heard == ["after"])
    }

    @Test func aWishHoldsUntilTheFilesNumberChanges() {
        var definition = SupervisedService(name: "order", instances: 2)
        let wishes = Wishes(.init(scaledByHand: ["order": 3], held: ["order"]), definitions: [definition])
        #expect(wishes.remembered(for: [definition], isRunning: true) == .init(scaledByHand: ["order": 3], held: ["order"]))
        // What was stopped when everything was taken down comes up with the rest.
        #expect(wishes.remembered(for: [definition], isRunning: false) == .init(scaledByHand: ["order": 3], held: []))
        definition.instances = 1
        #expect(wishes.remembered(for: [definition], isRunning: true).scaledByHand.isEmpty)
    }

    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000000Z"), (951_782_400.5, "2000-02-29T00:00:00.500000Z"),
        (1_795_262_400.123456, "2026-11-21T12:00:00.123456Z"), (4_107_542_399.0, "2100-02-28T23:59:59.000000Z"),
    ])
    func timesAreWrittenInUTC(seconds: Double, text: String) {
        #expect(TimeText.iso8601(secondsSince1970: seconds) == text)
    }

    private func transition(_ service: String) -> Transition {
        Transition(service: service, instance: 1, from: "starting", to: "ready", cause: "test", evidence: nil, actor: "test")
    }

    private func listen() throws -> (Int32, Int) {
        for _ in 0..<100 {
            let port = freePort()
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(UInt16(port).bigEndian)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let isBound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
                    == 0
            }
            if isBound, Glibc.listen(descriptor, 1) == 0 { return (descriptor, port) }
            close(descriptor)
        }
        throw TestSupportError("no port is free")
    }
}
