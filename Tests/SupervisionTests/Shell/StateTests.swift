import Foundation
import Glibc
@testable import Supervision
import Synchronization
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

        let (listener, taken) = try listeningSocket(backlog: 1)
        defer { close(listener) }
        ports.database = taken
        try ports.settle(broker: true, database: true, cache: false, running: ["database"])
        #expect(ports.database == taken)
        try ports.settle(broker: true, database: true, cache: false, running: [])
        #expect(ports.database != taken)
        #expect(ports.broker == first.broker)
    }

    @Test func transitionsAreNumberedOverRestarts() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let path = "\(folder)/audit.jsonl"
        let writer = StateWriter()
        var log = TransitionLog(path: path, writer: writer)
        let numbers = (1...3).map { _ in log.append(transition("order"), secondsSince1970: 0).sequence }
        #expect(numbers == [1, 2, 3])
        await writer.flush()
        let file = try #require(FileHandle(forWritingAtPath: path))
        file.seekToEndOfFile()
        file.write(Data("{\"sequence\":4,\"ti".utf8))
        try file.close()
        var next = TransitionLog(path: path, writer: writer)
        #expect(next.newest(2, after: 0).records.map(\.sequence) == [2, 3])
        #expect(next.newest(10, after: 2).records.map(\.sequence) == [3])
        let fourth = next.append(transition("order"), secondsSince1970: 0)
        #expect(fourth.sequence == 4)
        await writer.finish()
        // What the crash cut short has not swallowed it.
        #expect(next.file.read(limit: 10) { _ in true }.map(\.sequence) == [1, 2, 3, 4])
    }

    @Test func olderTransitionsAreInTheFiles() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let writer = StateWriter()
        var log = TransitionLog(path: "\(folder)/audit.jsonl", writer: writer)
        let count = 3 * TransitionLog.capacity
        for number in 1...count { _ = log.append(transition(number % 2 == 0 ? "even" : "odd"), secondsSince1970: 0) }
        await writer.finish()
        let (records, mayHaveMore) = log.newest(count, after: 0)
        #expect(records.count < count && mayHaveMore)
        #expect(!log.newest(10, after: 0).mayHaveMore)
        #expect(log.newest(10, after: 0, of: "even").records.map(\.sequence) == Array(stride(from: count - 18, through: count, by: 2)))
        #expect(log.file.read(limit: count) { _ in true }.map(\.sequence) == Array(1...count))
        // From a place on, forwards.
        #expect(log.oldest(10, after: 0) == nil)
        #expect(log.file.read(after: 700, limit: 3) { _ in true }.map(\.sequence) == [701, 702, 703])
        #expect(log.file.read(after: 0, limit: 2) { _ in true }.map(\.sequence) == [1, 2])
        #expect(log.file.read(after: count, limit: 2) { _ in true }.isEmpty)
        #expect(log.oldest(3, after: count - 100)?.map(\.sequence) == [count - 99, count - 98, count - 97])
        #expect(log.oldest(2, after: count - 100, of: "even")?.map(\.sequence) == [count - 98, count - 96])
    }

    @Test(arguments: [Int.max, Int.max - 1, Int.min, -1]) func anyNumberMayBeAskedAfter(sequence: Int) async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let writer = StateWriter()
        var log = TransitionLog(path: "\(folder)/audit.jsonl", writer: writer)
        _ = log.append(transition("order"), secondsSince1970: 0)
        #expect(log.newest(10, after: sequence).records.count == (sequence < 0 ? 1 : 0))
        #expect(log.oldest(10, after: sequence)?.count == (sequence < 0 ? 1 : 0))
        await writer.finish()
        #expect(log.file.read(after: sequence, limit: 10) { _ in true }.count == (sequence < 0 ? 1 : 0))
    }

    @Test func aNumberThatIsNoneOfOursIsPassedOver() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let lines = [7, Int.max].map { number in
            "{\"actor\":\"\",\"cause\":\"\",\"from\":\"\",\"sequence\":\(number),\"service\":\"a\",\"time\":\"\",\"to\":\"\"}\n"
        }
        try StateFile.write(lines.joined().utf8, to: "\(folder)/audit.jsonl", mode: 0o600)
        var log = TransitionLog(path: "\(folder)/audit.jsonl", writer: StateWriter())
        let next = log.append(transition("a"), secondsSince1970: 0)
        #expect(next.sequence == 8)
    }

    @Test func anEndThatWasToldIsKnownByItsProcess() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let writer = StateWriter()
        var log = TransitionLog(path: "\(folder)/audit.jsonl", writer: writer)
        func tell(_ to: String, _ evidence: String, at time: Double) {
            _ = log.append(
                Transition(service: "order", instance: 1, from: "", to: to, cause: "", evidence: evidence, actor: ""),
                secondsSince1970: time)
        }
        let id = InstanceID("order", 1)
        tell("ready", "pid 7", at: 100)
        tell("ending", "status 3", at: 101)
        #expect(!log.hasEnd(of: id, pid: 7, startedAt: 99, "status 3"))
        tell("backoff", "status 3", at: 102)
        #expect(log.hasEnd(of: id, pid: 7, startedAt: 99, "status 3"))
        #expect(!log.hasEnd(of: id, pid: 7, startedAt: 99, "status 4"))
        #expect(!log.hasEnd(of: InstanceID("order", 2), pid: 7, startedAt: 99, "status 3"))
        // Another process of that pid, started later.
        #expect(!log.hasEnd(of: id, pid: 7, startedAt: 103, "status 3"))
        tell("ready", "pid 7", at: 104)
        #expect(!log.hasEnd(of: id, pid: 7, startedAt: 103, "status 3"))
        await writer.finish()
    }

    @Test func theAuditFileIsRotatedBySize() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let file = AuditFile(path: "\(folder)/audit.jsonl")
        let long = String(repeating: "x", count: AuditFile.maximumSize / 16)
        for sequence in 1...100 {
            file.append(
                TransitionRecord(
                    sequence: sequence, time: "", service: "a", instance: nil, from: "", to: "", cause: long, evidence: nil, actor: ""))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names == ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2", "audit.jsonl.3"])
        #expect(file.read(limit: 30) { _ in true }.map(\.sequence) == Array(71...100))
        #expect(file.read(after: 70, limit: 29) { _ in true }.map(\.sequence) == Array(71...99))
        #expect(file.tail().last?.sequence == 100)
    }

    @Test func theAuditFileIsReadFromAnySequenceOn() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let path = "\(folder)/audit.jsonl"
        // Of any lengths, with gaps in the sequences, and lines among them that are none.
        let sequences = Array(stride(from: 3, through: 300, by: 3))
        let lines = sequences.map { sequence in
            let cause = String(repeating: "x", count: sequence * 37 % 1500)
            let broken = sequence.isMultiple(of: 10) ? "{\"actor\":\"" + cause + "\n\n" : ""
            return
                "{\"actor\":\"\",\"cause\":\"\(cause)\",\"from\":\"\",\"sequence\":\(sequence),\"service\":\"a\",\"time\":\"\",\"to\":\"\"}\n"
                + broken
        }
        try StateFile.write(lines.joined().utf8, to: path, mode: 0o600)
        let file = AuditFile(path: path)
        for after in 0...301 {
            let expected = sequences.filter { $0 > after }.prefix(2)
            #expect(file.read(after: after, limit: 2) { _ in true }.map(\.sequence) == Array(expected), "after \(after)")
        }
        #expect(file.read(after: 150, limit: .max) { _ in true }.map(\.sequence) == sequences.filter { $0 > 150 })
        #expect(file.read(limit: .max) { _ in true }.map(\.sequence) == sequences)
        #expect(file.tail().map(\.sequence) == sequences.suffix(file.tail().count))
    }

    @Test(arguments: ["", "\n", "a", "a\n", "\na", "a\nbc\n\nd"], [1, LineFile.blockSize - 1, LineFile.blockSize, 3 * LineFile.blockSize])
    func linesAreTheSameInBothDirections(text: String, factor: Int) throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let text = text.replacing("b", with: String(repeating: "b", count: factor)) + "tail\nend"
        try StateFile.write(text.utf8, to: "\(folder)/lines", mode: 0o600)
        guard let file = LineFile(path: "\(folder)/lines") else { throw TestSupportError("not opened") }
        var forward: [String] = []
        var offsets: [Int] = []
        file.forward(from: 0) { line, offset in
            forward.append(String(decoding: line, as: UTF8.self))
            offsets.append(offset)
            return true
        }
        #expect(forward == text.split(separator: "\n").map(String.init))
        var backward: [String] = []
        file.backward { line in
            backward.append(String(decoding: line, as: UTF8.self))
            return true
        }
        #expect(backward == forward.reversed())
        for (line, offset) in zip(forward, offsets) {
            var found: String?
            file.forward(from: offset) { line, _ in
                found = String(decoding: line, as: UTF8.self)
                return false
            }
            #expect(found == line)
        }
    }

    @Test func aLineThatIsTooLongIsPassedOver() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let text = "first\n" + String(repeating: "x", count: LineFile.longestLine + LineFile.blockSize) + "\nlast\n"
        try StateFile.write(text.utf8, to: "\(folder)/lines", mode: 0o600)
        guard let file = LineFile(path: "\(folder)/lines") else { throw TestSupportError("not opened") }
        var lines: [String] = []
        file.forward(from: 0) { line, _ in
            lines.append(String(decoding: line, as: UTF8.self))
            return true
        }
        file.backward { line in
            lines.append(String(decoding: line, as: UTF8.self))
            return true
        }
        #expect(lines == ["first", "last", "last", "first"])
    }

    @Test func aFollowerHearsWhatHappensFromNowOn() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let writer = StateWriter()
        var log = TransitionLog(path: "\(folder)/audit.jsonl", writer: writer)
        _ = log.append(transition("before"), secondsSince1970: 0)
        let stream = log.follow { _ in }
        _ = log.append(transition("after"), secondsSince1970: 0)
        log.finish()
        var heard: [String] = []
        for await record in stream { heard.append(record.service) }
        #expect(heard == ["after"])
        await writer.finish()
    }

    @Test func aFollowerWhoIsTooFarBehindIsCutOff() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let writer = StateWriter()
        var log = TransitionLog(path: "\(folder)/audit.jsonl", writer: writer)
        let stream = log.follow { _ in }
        for number in 0...TransitionLog.followerBuffer { _ = log.append(transition("s\(number)"), secondsSince1970: 0) }
        // It ends, without a gap before.
        var heard: [Int] = []
        for await record in stream { heard.append(record.sequence) }
        #expect(heard == Array(1...TransitionLog.followerBuffer))
        await writer.finish()
    }

    @Test(.timeLimit(.minutes(1))) func whatIsLeftOutIsCountedAndNobodyWaitsForItInVain() async throws {
        let writer = StateWriter()
        let gate = DispatchSemaphore(value: 0)
        writer.add { gate.wait() }
        try await eventually { writer.backlog == 0 }
        async let flushed: Void = writer.flush()
        try await eventually { writer.backlog == 1 }
        for _ in 0...StateWriter.maximumBacklog { writer.add {} }
        #expect(writer.lost > 0)
        gate.signal()
        await flushed
        await writer.finish()
    }

    @Test func onlyTheLatestContentsOfAFileAreWritten() async throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let writer = StateWriter()
        let writes = Mutex(0)
        let gate = DispatchSemaphore(value: 0)
        writer.add { gate.wait() }
        for number in 1...100 {
            writer.replace("\(folder)/a") {
                writes.withLock { $0 += 1 }
                try? StateFile.write("\(number)".utf8, to: "\(folder)/a", mode: 0o600)
            }
        }
        gate.signal()
        await writer.finish()
        #expect(try StateFile.read("\(folder)/a") == Array("100".utf8))
        #expect(writes.withLock { $0 } <= 2)
        #expect(!writer.add {})
    }

    @Test func whatIsRememberedHoldsForOneKeeper() {
        var definition = SupervisedService(name: "order", instances: 2)
        let all = Remembered(
            scaledByHand: ["order": 3], held: ["order"], rolledBack: ["order": .init(fingerprint: "f", reason: "r")],
            completed: ["a/1": "f"],
            lastRuns: ["a": 5])
        let memory = KeptMemory(all, keeper: "one", definitions: [definition])
        #expect(memory.remembered(by: "one", for: [definition]) == all)
        // What was stopped when everything was taken down comes up with the rest.
        #expect(
            memory.remembered(by: "another", for: [definition])
                == Remembered(scaledByHand: ["order": 3], rolledBack: all.rolledBack, lastRuns: ["a": 5]))
        definition.instances = 1
        #expect(memory.remembered(by: "one", for: [definition]).scaledByHand.isEmpty)
        #expect(KeptMemory.currentKeeper == KeptMemory.currentKeeper && KeptMemory.currentKeeper.hasPrefix("\(getppid()) "))
    }

    @Test func aProcessorMeterSeesWhatIsBurnt() throws {
        var meter = ProcessorMeter()
        let id = InstanceID("a", 1)
        let begin = ContinuousClock.now
        let first = meter.measure([(id, Int(getpid()))], at: begin)
        #expect(first.isEmpty)
        var sum: UInt64 = 0
        while begin.duration(to: .now) < .milliseconds(300) { for i in 0..<10_000 { sum &+= UInt64(i) } }
        let second = meter.measure([(id, Int(getpid()))], at: .now)
        let cores = try #require(second[id])
        #expect(cores > 0.05 && sum > 0, "\(cores)")
        let none = meter.measure([(id, 0x3fff_ffff)], at: .now)
        #expect(none.isEmpty)
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
}
