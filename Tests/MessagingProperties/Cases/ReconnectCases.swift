import AMQP
import ServiceTestKit
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(3))) struct ReconnectCases {
    @Test(arguments: BrokerKind.allCases) func aPublishWaitsForItsConnection(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q"))
            let publisher = try await bench.publisher()
            try await publisher.link.publish(AMQPMessage("1"), to: "", routingKey: "q", deadline: soon)
            try await publisher.cut()
            async let second: Void = publisher.link.publish(AMQPMessage("2"), to: "", routingKey: "q", deadline: soon)
            #expect(
                await errorCode { () throws(AMQPError) in
                    try await publisher.link.publish(AMQPMessage("lost"), to: "", routingKey: "q", deadline: .now + .milliseconds(50))
                } == .notConnected)
            await publisher.restore()
            try await second
            #expect(await publisher.link.isConnected)
            #expect(try await bench.collect("q").first(2).map(\.message.text) == ["1", "2"])
            try await bench.expect(0, in: "q")
        }
    }

    @Test(arguments: BrokerKind.allCases) func aBatchThatWaitsKeepsItsOrder(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q"))
            let publisher = try await bench.publisher()
            try await eventually { await publisher.link.isConnected }
            try await publisher.cut()
            let outcomes = Recorder<AMQPOutcome>()
            let batch = (0..<20).map { AMQPPublication(AMQPMessage("\($0)"), exchange: "", routingKey: "q") }
            // It returns although none is sent.
            await publisher.link.publish(batch, deadline: soon) { for outcome in $0 { outcomes.add(outcome) } }
            await publisher.restore()
            try await eventually(within: .seconds(20)) { outcomes.all.count == 20 }
            #expect(outcomes.all.allSatisfy { $0.error == nil })
            #expect(try await bench.collect("q").first(20).map(\.message.text) == (0..<20).map { "\($0)" })
        }
    }

    @Test(arguments: BrokerKind.allCases) func aCancelledPublishReturnsAtOnce(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q"))
            let publisher = try await bench.publisher()
            try await eventually { await publisher.link.isConnected }
            try await publisher.cut()
            let task = Task {
                await errorCode { () throws(AMQPError) in
                    try await publisher.link.publish(AMQPMessage("1"), to: "", routingKey: "q", deadline: soon)
                }
            }
            try await Task.sleep(for: .milliseconds(30))
            task.cancel()
            #expect(await task.value == .cancelled)
            await publisher.restore()
            try await publisher.link.publish(AMQPMessage("2"), to: "", routingKey: "q", deadline: soon)
            #expect(try await bench.collect("q").first(1).map(\.message.text) == ["2"])
        }
    }

    @Test(arguments: BrokerKind.allCases) func closingEndsWhatWaits(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            let publisher = try await bench.publisher()
            try await eventually { await publisher.link.isConnected }
            try await publisher.cut()
            let task = Task {
                await errorCode { () throws(AMQPError) in
                    try await publisher.link.publish(AMQPMessage("1"), to: "", routingKey: "q", deadline: soon)
                }
            }
            try await Task.sleep(for: .milliseconds(30))
            await publisher.link.close()
            #expect(await task.value == .closed)
        }
    }

    /// Nothing is lost and nothing but what was unsettled comes twice.
    @Test(arguments: BrokerKind.allCases) func everyMessageArrivesThoughConnectionsAreCut(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q"))
            let publisher = try await bench.publisher()
            let collector = try await bench.collect("q", prefetch: 7)
            let acknowledging = Task {
                var settled = 0
                while !Task.isCancelled {
                    let all = collector.all
                    for delivery in all[settled...] { await delivery.ack() }
                    settled = all.count
                    try? await Task.sleep(for: .milliseconds(1))
                }
            }
            for round in 0..<4 {
                for number in 0..<25 {
                    try await publisher.link.publish(AMQPMessage("\(round * 25 + number)"), to: "", routingKey: "q", deadline: soon)
                }
                if round % 2 == 0 {
                    try await collector.client.cut()
                    await collector.client.restore()
                } else {
                    try await publisher.cut()
                    await publisher.restore()
                }
            }
            try await eventually(within: .seconds(30)) { Set(collector.texts).count == 100 }
            try await eventually(within: .seconds(30)) { try await bench.inspect("q") == (0, 1) }
            acknowledging.cancel()
            await acknowledging.value
        }
    }
}
