import AMQP
import TestSupport
import Testing

@testable import DeadLetters

/// 10,000 dead letters, or with SIGNALBOX_FAULT_SCALE=full the 100,000 that are to be listed within a second.
@Suite struct ScaleTests {
    private static let count = FaultScale.isFull ? 100_000 : 10_000

    @Test(.timeLimit(.minutes(5))) func manyAreListedWithinASecondAndGoBackInTheirOrder() async throws {
        let clock = ContinuousClock()
        try await Bench.with(isHeld: false) { bench in
            let body = String(repeating: "x", count: 1024)
            try await bench.publish(
                (0..<Self.count).map { .dead("\($0)", subject: "order-\($0)", cause: "no stock for \($0)", body: body) })
            let before = try await memory()
            let load = try await clock.measure {
                try await bench.hold()
                try await bench.waitForLetters(Self.count, within: .seconds(120))
            }
            let held = try await memory()
            let groups = try await clock.measure {
                let overview = try await bench.service.overview(queue: nil, .init())
                #expect(overview.groups.map(\.count) == [Self.count])
            }
            let list = try await clock.measure {
                for offset in stride(from: 0, to: Self.count, by: 10_000) {
                    let page = try await bench.service.letters(queue: nil, .init(), offset: offset, limit: 10_000)
                    #expect(page.letters.first?.id == "\(offset)" && page.letters.count == min(10_000, Self.count))
                }
            }
            print(
                "\(Self.count) dead letters: read in \(load), counted in \(groups), listed in \(list); the broker's memory \(before) -> \(held) MB"
            )
            #expect(groups < .seconds(1))
            await bench.service.close()
            try await eventually { try await bench.tool.inspectQueue("q.dead").messages == Self.count }
            let ids = try await bench.take("q.dead", count: Self.count).compactMap(\.properties.messageID)
            #expect(ids == (0..<Self.count).map(String.init))
        }
    }

    private func memory() async throws -> Int {
        let answer = try await PrivateRabbitMQ.shared().manage("GET", "/api/nodes?columns=mem_used")
        return (Int(answer.filter(\.isNumber)) ?? 0) / 1_000_000
    }
}
