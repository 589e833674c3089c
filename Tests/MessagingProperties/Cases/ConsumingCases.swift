import AMQP
import ServiceTestKit
import Testing
import TestSupport

@Suite(.timeLimit(.minutes(3))) struct ConsumingCases {
    @Test(arguments: BrokerKind.allCases, [TestQueue.Kind.classic, .quorum])
    func noMoreThanThePrefetchIsUnsettled(_ kind: BrokerKind, _ type: TestQueue.Kind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q", type))
            try await bench.publish("1", "2", "3", "4", "5", "6", to: "q")
            let collector = try await bench.collect("q", prefetch: 2)
            var taken = try await collector.first(2)
            try await bench.expect(4, in: "q")
            #expect(collector.texts == ["1", "2"])
            await taken[1].ack()
            taken = try await collector.first(3)
            try await bench.expect(3, in: "q")
            await taken[0].ack()
            await taken[2].ack()
            _ = try await collector.first(5)
            #expect(collector.texts == ["1", "2", "3", "4", "5"])
            // A second settlement is a no-op.
            await taken[0].reject(requeue: true)
            try await bench.expect(1, in: "q")
        }
    }

    @Test(arguments: BrokerKind.allCases) func anInvalidPrefetchIsRefused(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            let consumer = try await bench.consumer()
            for prefetch in [0, -1, 65_536] {
                #expect(
                    await errorCode { () throws(AMQPError) in _ = try await consumer.link.consume(queue: "q", prefetch: prefetch) }
                        == .invalidArgument)
            }
            await consumer.link.close()
            #expect(await errorCode { () throws(AMQPError) in _ = try await consumer.link.consume(queue: "q", prefetch: 1) } == .closed)
        }
    }

    @Test(arguments: BrokerKind.allCases) func competingConsumersShareTheWork(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q"))
            let (one, other) = (try await bench.collect("q", prefetch: 3), try await bench.collect("q", prefetch: 3))
            try await eventually { try await bench.inspect("q").consumers == 2 }
            try await bench.publish("1", "2", "3", "4", "5", "6", "7", to: "q")
            _ = (try await one.first(3), try await other.first(3))
            try await bench.expect(1, in: "q")
            #expect(one.texts.count == 3 && other.texts.count == 3)
            #expect((one.texts + other.texts).sorted() == ["1", "2", "3", "4", "5", "6"])
        }
    }

    @Test(arguments: BrokerKind.allCases) func aReturnedMessageComesBackWhereItsQueuePutsIt(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            var limited = TestQueue("limited")
            limited.deliveryLimit = 10
            for queue in [TestQueue("classic", .classic), TestQueue("unlimited"), limited] {
                try await bench.declare(queue)
                try await bench.publish("1", "2", "3", to: queue.name)
                let collector = try await bench.collect(queue.name, prefetch: 1)
                await (try await collector.first(1))[0].reject(requeue: true)
                for count in 2...4 { await (try await collector.first(count))[count - 1].ack() }
                // Without a delivery limit a quorum queue puts it behind the others.
                #expect(collector.texts == (queue.name == "unlimited" ? ["1", "2", "3", "1"] : ["1", "1", "2", "3"]), "\(queue.name)")
                let again = collector.all[queue.name == "unlimited" ? 3 : 1]
                #expect(again.isRedelivered)
                #expect(again.deliveryCount == (queue.kind == .classic ? nil : 1))
            }
        }
    }

    @Test(arguments: BrokerKind.allCases, [TestQueue.Kind.classic, .quorum])
    func whatALostConnectionHeldComesAgainInItsOrder(_ kind: BrokerKind, _ type: TestQueue.Kind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q", type))
            try await bench.publish("1", "2", "3", "4", to: "q")
            let collector = try await bench.collect("q", prefetch: 3)
            let taken = try await collector.first(3)
            await taken[1].ack()
            _ = try await collector.first(4)
            try await collector.client.cut()
            #expect(await collector.client.link.isConsuming == false)
            try await bench.expect(3, in: "q")
            await taken[0].ack()
            await collector.client.restore()
            // The same subscription goes on.
            let all = try await collector.first(7)
            #expect(all.suffix(3).map(\.message.text) == ["1", "3", "4"])
            #expect(all.suffix(3).allSatisfy { $0.isRedelivered })
            #expect(all.last?.deliveryCount == (type == .quorum ? 1 : nil))
            #expect(await collector.client.link.isConsuming)
            for delivery in all.suffix(3) { await delivery.ack() }
            try await eventually { try await bench.inspect("q") == (0, 1) }
        }
    }

    @Test(arguments: BrokerKind.allCases) func aConsumerWaitsForItsQueue(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            let collector = try await bench.collect("late")
            #expect(await collector.client.link.isConsuming == false)
            try await bench.declare(TestQueue("late"))
            try await bench.publish("1", to: "late")
            _ = try await collector.first(1)
            #expect(await collector.client.link.isConsuming)
        }
    }

    @Test(arguments: BrokerKind.allCases) func aCancelledConsumerSettlesWhatItHas(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q"))
            try await bench.publish("1", "2", "3", to: "q")
            let collector = try await bench.collect("q", prefetch: 2)
            let taken = try await collector.first(2)
            await collector.client.link.cancel(collector.deliveries)
            // It counts as a consumer until it holds nothing.
            #expect(try await bench.inspect("q") == (1, 1))
            await taken[0].ack()
            await taken[1].reject(requeue: true)
            try await eventually { try await bench.inspect("q") == (2, 0) }
            #expect(try await bench.collect("q").first(2).map(\.message.text) == ["3", "2"])
            #expect(await collector.client.link.isConsuming)
        }
    }

    @Test(arguments: BrokerKind.allCases) func whatNoTaskTookGoesBackAtTheEnd(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            try await bench.declare(TestQueue("q"))
            try await bench.publish("1", "2", to: "q")
            let consumer = try await bench.consumer()
            let deliveries = try await consumer.link.consume(queue: "q", prefetch: 10)
            try await bench.expect(0, in: "q")
            await consumer.link.cancelAll()
            try await bench.expect(2, in: "q")
            for await delivery in deliveries { Issue.record("\(delivery.message.text) after the end") }
            let again = try await bench.consumer()
            _ = try await again.link.consume(queue: "q", prefetch: 10)
            try await bench.expect(0, in: "q")
            await again.link.close()
            try await bench.expect(2, in: "q")
        }
    }

    @Test(arguments: BrokerKind.allCases, [TestQueue.Kind.classic, .quorum])
    func aSingleActiveConsumerHandsOverInOrderWhenItReleases(_ kind: BrokerKind, _ type: TestQueue.Kind) async throws {
        try await kind.withBench { bench in
            var queue = TestQueue("q", type)
            queue.isSingleActiveConsumer = true
            try await bench.declare(queue)
            let one = try await bench.attach("q", prefetch: 3)
            let other = try await bench.attach("q", prefetch: 3)
            try await bench.publish("1", "2", "3", "4", "5", to: "q")
            let taken = try await one.first(3)
            try await bench.expect(2, in: "q")
            #expect(other.texts.isEmpty)
            await taken[0].ack()
            _ = try await one.first(4)
            await one.release()
            #expect(try await other.first(3).map(\.message.text) == ["2", "3", "4"])
            #expect(other.all.allSatisfy { $0.isRedelivered })
            // Settling later is a no-op.
            await taken[1].ack()
            for delivery in other.all { await delivery.ack() }
            #expect(try await other.first(4).map(\.message.text) == ["2", "3", "4", "5"])
        }
    }

    @Test(arguments: BrokerKind.allCases) func cancellingLetsTheNextOverlap(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            var queue = TestQueue("q")
            queue.isSingleActiveConsumer = true
            try await bench.declare(queue)
            let one = try await bench.attach("q", prefetch: 2)
            let other = try await bench.attach("q", prefetch: 2)
            try await bench.publish("1", "2", "3", to: "q")
            let taken = try await one.first(2)
            await one.client.link.cancel(one.deliveries)
            // The first two are still with the other: why a service releases instead.
            #expect(try await other.first(1).map(\.message.text) == ["3"])
            await taken[0].ack()
            await one.client.link.close()
            #expect(try await other.first(2).map(\.message.text) == ["3", "2"])
        }
    }

    @Test(arguments: BrokerKind.allCases) func theNextTakesOverFromOneThatIsCutOff(_ kind: BrokerKind) async throws {
        try await kind.withBench { bench in
            var queue = TestQueue("q")
            queue.isSingleActiveConsumer = true
            try await bench.declare(queue)
            let one = try await bench.attach("q", prefetch: 10)
            let other = try await bench.attach("q", prefetch: 10)
            try await bench.publish("1", "2", to: "q")
            _ = try await one.first(2)
            try await one.client.cut()
            #expect(try await other.first(2).map(\.message.text) == ["1", "2"])
            await one.client.restore()
            try await eventually(within: .seconds(20)) { await one.client.link.isConsuming }
            try await bench.publish("3", to: "q")
            #expect(try await other.first(3).map(\.message.text) == ["1", "2", "3"])
            #expect(one.texts == ["1", "2"])
        }
    }
}
