import AMQP
import Logging
import Synchronization
import TestSupport
import Testing

@testable import DeadLetters

/// A queue and its dead-letter queue in a virtual host of their own, and services that hold the latter.
final class Bench: Sendable {
    let url: String
    let folder: String
    let tool: AMQPConsumer
    let publisher: AMQPPublisher
    let service: DeadLetterService

    static func with(
        _ server: PrivateRabbitMQ? = nil, origin: [String: AMQPValue] = [:], isHeld: Bool = true, _ body: (Bench) async throws -> Void
    ) async throws {
        let shared = try await PrivateRabbitMQ.shared()
        let server = server ?? shared
        let bench = try Bench(url: server.url(virtualHost: try await server.makeVirtualHost()))
        do {
            try await bench.tool.waitUntilConnected(deadline: soon)
            try await bench.tool.declareQueue("q", arguments: ["x-queue-type": "quorum"].merging(origin) { $1 })
            try await bench.tool.declareQueue("q.dead", arguments: ["x-queue-type": "quorum"])
            if isHeld { try await bench.hold() }
            try await body(bench)
        } catch {
            await bench.close()
            throw error
        }
        await bench.close()
    }

    private init(url: String) throws {
        self.url = url
        folder = try temporaryDirectory()
        let configuration = try AMQPConfiguration(url: url, connectionName: "test")
        tool = AMQPConsumer(configuration: configuration, logger: .quiet)
        publisher = AMQPPublisher(configuration: configuration, logger: .quiet)
        service = DeadLetterService(folder: folder + "/dead-letters", logger: .quiet)
    }

    private func close() async {
        await service.close()
        await publisher.close()
        await tool.close()
        removeDirectory(folder)
    }

    func hold(obstacle: @escaping DeadLetterService.Obstacle = { _ in nil }) async throws {
        try await service.update(.init(url: url, queues: ["q": "q.dead"]), obstacle: obstacle)
    }

    func publish(_ messages: [AMQPMessage], to queue: String = "q.dead") async throws {
        for begin in stride(from: 0, to: messages.count, by: 2000) {
            let part = messages[begin..<min(begin + 2000, messages.count)]
            let outcomes = await publisher.outcomes(
                of: part.map { AMQPPublication($0, exchange: "", routingKey: queue) }, within: .seconds(60))
            if let error = outcomes.compactMap(\.error).first { throw error }
        }
    }

    func count() async throws -> Int { try await service.overview(queue: nil, .init()).queues.reduce(0) { $0 + $1.count } }

    func waitForLetters(_ count: Int, within limit: Duration = .seconds(60)) async throws {
        try await eventually(within: limit, "\(count) dead letters") { try await self.count() == count }
    }

    /// Takes what is there, in its order, until nothing has come for a second.
    func take(_ queue: String, count: Int = .max) async throws -> [AMQPMessage] {
        let deliveries = try await tool.consume(queue: queue, prefetch: 1000)
        var messages: [AMQPMessage] = []
        var last = ContinuousClock.now
        while messages.count < count, last.duration(to: .now) < .seconds(1) {
            guard let delivery = deliveries.takeAvailable() else {
                try await Task.sleep(for: .milliseconds(5))
                continue
            }
            last = .now
            messages.append(delivery.message)
            await delivery.ack()
        }
        await tool.cancel(deliveries)
        return messages
    }

    func ids() async throws -> [String] {
        try await service.letters(queue: "q", .init(), offset: 0, limit: 1000).letters.map(\.id)
    }
}

@Suite struct DeadLetterServiceTests {
    @Test func lettersAreListedShownAndSearched() async throws {
        try await Bench.with { bench in
            try await bench.publish([
                .dead("1", subject: "a", cause: "no stock for 17"), .dead("2", subject: "b", cause: "no stock for 18"),
                .dead("3", subject: "a", cause: "other", body: "not json"),
            ])
            try await bench.waitForLetters(3)
            let overview = try await bench.service.overview(queue: "q.dead", .init())
            #expect(overview.queues == [.init(queue: "q", count: 3)])
            #expect(overview.groups.map(\.count) == [2, 1])
            #expect(overview.groups.first?.example == "1")
            let group = try #require(overview.groups.first?.group)
            let page = try await bench.service.letters(queue: nil, .init(group: group), offset: 1, limit: 5)
            #expect(page.total == 2 && page.letters.map(\.id) == ["2"])
            let letter = try await bench.service.letter(queue: nil, id: "3")
            #expect(letter.body == "not json" && letter.before == ["1"] && letter.source == "order" && letter.cause == "other")
            await #expect(throws: DeadLetterError.self) { try await bench.service.letter(queue: nil, id: "4") }
            await #expect(throws: DeadLetterError.self) { try await bench.service.overview(queue: "nothing", .init()) }
        }
    }

    @Test func nothingGoesBackToAQueueWhileThatIsInTheWay() async throws {
        try await Bench.with(isHeld: false) { bench in
            // The first replay is refused; the second is let begin, and has to wait before it sends.
            let answers = Mutex<[String?]>(["the queue is being migrated", nil, "again", "again"])
            try await bench.hold { queue in
                #expect(queue == "q")
                return answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            }
            try await bench.publish([.dead("1")])
            try await bench.waitForLetters(1)
            let error = await #expect(throws: DeadLetterError.self) {
                try await bench.service.replay(queue: "q", .init(), isForced: false, isDryRun: false, actor: "test")
            }
            #expect(error?.code == .conflict && error?.message.contains("the queue is being migrated") == true)
            _ = try await bench.service.replay(queue: "q", .init(), isForced: false, isDryRun: false, actor: "test")
            #expect(try await bench.take("q", count: 1).map(\.properties.messageID) == ["1"])
            #expect(answers.withLock { $0.isEmpty })
        }
    }

    @Test func replayGoesToTheOriginInOrderAndLeavesNothing() async throws {
        try await Bench.with { bench in
            try await bench.publish((0..<300).map { .dead("\($0)", subject: "s\($0 % 7)", body: "\($0)") })
            try await bench.waitForLetters(300)
            let dry = try await bench.service.replay(queue: "q", .init(), isForced: false, isDryRun: true, actor: "test")
            #expect(dry.count == 300 && dry.replay == nil)
            let report = try await bench.service.replay(queue: "q", .init(), isForced: false, isDryRun: false, actor: "test")
            let id = try #require(report.replay?.id)
            try await eventually { try await bench.service.replay(id: id).state == .completed }
            #expect(try await bench.service.replay(id: id).replayed == 300)
            let messages = try await bench.take("q")
            #expect(messages.map { String(decoding: $0.body, as: UTF8.self) } == (0..<300).map(String.init))
            #expect(messages.allSatisfy { $0.properties.headers["signalbox-cause"] == nil })
            #expect(messages.first?.properties.headers["signalbox-replay"] == .string("\(id)-0"))
            #expect(try await bench.count() == 0)
            await bench.service.close()
            #expect(try await bench.tool.inspectQueue("q.dead").messages == 0)
        }
    }

    @Test func aSelectionLeavesTheOthersInTheirPlaces() async throws {
        try await Bench.with { bench in
            try await bench.publish((0..<10).map { .dead("\($0)", subject: "s") })
            try await bench.waitForLetters(10)
            let report = try await bench.service.replay(
                queue: "q", .init(ids: ["7", "3"]), isForced: false, isDryRun: false, actor: "test")
            #expect(report.overtakings.first?.staying == ["0", "1", "2"])
            try await eventually { try await bench.count() == 8 }
            #expect(try await bench.take("q").compactMap(\.properties.messageID) == ["3", "7"])
            let discarded = try await bench.service.discard(queue: "q", .init(ids: ["0", "9"]), isDryRun: false, actor: "test")
            #expect(discarded.count == 2)
            #expect(try await bench.ids() == ["1", "2", "4", "5", "6", "8"])
            await bench.service.close()
            #expect(try await bench.take("q.dead").compactMap(\.properties.messageID) == ["1", "2", "4", "5", "6", "8"])
        }
    }

    @Test func discardingAllHasToBeSaid() async throws {
        try await Bench.with { bench in
            try await bench.publish([.dead("1"), .dead("2")])
            try await bench.waitForLetters(2)
            await #expect(throws: DeadLetterError.self) {
                try await bench.service.discard(queue: "q", .init(), isDryRun: false, actor: "test")
            }
            #expect(try await bench.service.discard(queue: "q", .init(all: true), isDryRun: true, actor: "test").count == 2)
            #expect(try await bench.count() == 2)
            #expect(try await bench.service.discard(queue: "q", .init(all: true), isDryRun: false, actor: "test").count == 2)
            #expect(try await bench.count() == 0)
        }
    }

    @Test func anEditKeepsTheLettersPlaceAndGoesWithIt() async throws {
        try await Bench.with { bench in
            try await bench.publish((0..<3).map { .dead("\($0)", body: #"{"n": \#($0)}"#) })
            try await bench.waitForLetters(3)
            await #expect(throws: DeadLetterError.self) {
                try await bench.service.edit(queue: nil, id: "1", body: Array("{".utf8), isChecked: true, actor: "test")
            }
            let edited = try await bench.service.edit(
                queue: nil, id: "1", body: Array(#"{"n": 7}"#.utf8), isChecked: true, actor: "test")
            #expect(edited.body == #"{"n": 7}"# && edited.originalBody == #"{"n": 1}"# && edited.summary.isEdited)
            _ = try await bench.service.edit(queue: nil, id: "2", body: [], isChecked: false, actor: "test")
            #expect(try await bench.service.revertEdit(queue: nil, id: "2", actor: "test").originalBody == nil)
            // A supervisor in its place knows of it.
            await bench.service.close()
            try await bench.hold()
            try await bench.waitForLetters(3)
            #expect(try await bench.service.letter(queue: nil, id: "1").body == #"{"n": 7}"#)
            _ = try await bench.service.replay(queue: "q", .init(), isForced: false, isDryRun: false, actor: "test")
            try await eventually { try await bench.count() == 0 }
            let messages = try await bench.take("q")
            #expect(messages.map { String(decoding: $0.body, as: UTF8.self) } == [#"{"n": 0}"#, #"{"n": 7}"#, #"{"n": 2}"#])
            #expect(messages[1].properties.headers["signalbox-edited"] != nil)
        }
    }

    @Test func aFullOriginQueueHoldsTheReplayUpAndReordersNothing() async throws {
        // A classic queue refuses exactly.
        try await Bench.with(
            origin: ["x-queue-type": "classic", "x-max-length": 50, "x-overflow": "reject-publish"]
        ) { bench in
            try await bench.publish((0..<200).map { .dead("\($0)", subject: "s\($0 % 5)") })
            try await bench.waitForLetters(200)
            async let replaying = bench.service.replay(queue: "q", .init(), isForced: false, isDryRun: false, actor: "test")
            var arrived: [AMQPMessage] = []
            while arrived.count < 200 { arrived += try await bench.take("q", count: 200 - arrived.count) }
            _ = try await replaying
            for subject in 0..<5 {
                let numbers = arrived.compactMap { $0.properties.messageID.flatMap { Int($0) } }.filter { $0 % 5 == subject }
                #expect(numbers == numbers.sorted() && numbers.count == 40)
            }
            try await eventually { try await bench.count() == 0 }
        }
    }

    @Test func aMissingOriginQueueStopsTheReplayAndLosesNothing() async throws {
        try await Bench.with { bench in
            try await bench.publish([.dead("1"), .dead("2")])
            try await bench.waitForLetters(2)
            try await bench.tool.deleteQueue("q")
            let report = try await bench.service.replay(queue: "q", .init(), isForced: false, isDryRun: false, actor: "test")
            #expect(report.replay?.state == .stopped)
            #expect(report.replay?.reason != nil)
            #expect(try await bench.ids() == ["1", "2"])
        }
    }

    @Test func whatComesLaterIsListedAtOnceAndBehind() async throws {
        try await Bench.with { bench in
            try await bench.waitForLetters(0)
            for number in 0..<20 { try await bench.publish([.dead("\(number)")]) }
            try await bench.waitForLetters(20)
            #expect(try await bench.ids() == (0..<20).map(String.init))
        }
    }

    @Test func moreThanOneConsumerMayHoldGoesBackInItsOrder() async throws {
        try await Bench.with { bench in
            try await bench.publish((0..<2500).map { .dead("\($0)") })
            try await bench.waitForLetters(2500)
            #expect(try await bench.service.discard(queue: "q", .init(ids: ["5", "1500"]), isDryRun: false, actor: "test").count == 2)
            await bench.service.close()
            try await bench.hold()
            try await bench.waitForLetters(2498)
            await bench.service.close()
            let left = (0..<2500).filter { ![5, 1500].contains($0) }.map(String.init)
            #expect(try await bench.take("q.dead").compactMap(\.properties.messageID) == left)
        }
    }

    @Test func lettersOutliveTheBrokersDeath() async throws {
        let server = try await PrivateRabbitMQ.start()
        do {
            try await Bench.with(server) { bench in
                try await bench.publish((0..<100).map { .dead("\($0)") })
                try await bench.waitForLetters(100)
                // RabbitMQ 3.10 forgets a quorum queue's leader when it dies within seconds of the declaration.
                try await Task.sleep(for: .seconds(8))
                try await server.kill()
                try await server.restart()
                try await eventually(within: .seconds(60)) {
                    (try? await bench.service.discard(queue: "q", .init(ids: ["0"]), isDryRun: false, actor: "test").count) == 1
                }
                try await bench.waitForLetters(99)
                #expect(try await bench.ids() == (1..<100).map(String.init))
            }
        } catch {
            try await server.stop()
            throw error
        }
        try await server.stop()
    }
}
