import AMQP
@testable import ServiceKit
import Testing

struct DeliveryDeskTests {
    private func message(_ id: String, _ subject: String = "", headers: [String: AMQPValue] = [:]) -> MessageInHand {
        var headers = headers
        headers["cloudEvents:subject"] = .string(subject)
        return MessageInHand(
            AMQPDelivery(
                message: AMQPMessage(properties: AMQPProperties(messageID: id, type: "t", headers: headers)), exchange: "x",
                routingKey: "t",
                queue: "q", isRedelivered: false, settle: { _ in }), queue: "q")
    }

    private func take(
        _ desk: inout DeliveryDesk, _ worker: Int = 1, budget: Duration = .seconds(1), count: Int = 100, isContinuation: Bool = false,
        cost: Duration = .milliseconds(1)
    ) -> [String] {
        desk.take(for: worker, .init(budget: budget, count: count, isContinuation: isContinuation)) { _ in cost }.map(\.id)
    }

    private func desk(_ messages: [MessageInHand]) -> DeliveryDesk {
        var desk = DeliveryDesk()
        for message in messages { desk.add(message) }
        return desk
    }

    @Test func aKeyBelongsToOneWorker() {
        var desk = desk([message("1", "a"), message("2", "a"), message("3", "b"), message("4")])
        #expect(take(&desk, 1, count: 1) == ["1"])
        #expect(take(&desk, 2) == ["3", "4"])
        #expect(take(&desk, 1, isContinuation: true) == ["2"])
        desk.add(message("5", "a"))
        #expect(take(&desk, 2).isEmpty)
        desk.release(1)
        #expect(take(&desk, 2) == ["5"])
    }

    @Test func whatIsGivenBackComesFirst() {
        var desk = desk([message("1", "a"), message("2", "a"), message("3", "a")])
        let taken = desk.take(for: 1, .init(budget: .seconds(1), count: 2, isContinuation: false)) { _ in .zero }
        desk.giveBack(taken)
        desk.release(1)
        #expect(take(&desk, 2) == ["1", "2", "3"])
    }

    @Test func whoPausesKeepsHisKeyBack() {
        var desk = desk([message("1", "a"), message("2", "a"), message("3", "b")])
        let taken = desk.take(for: 1, .init(budget: .seconds(1), count: 1, isContinuation: false)) { _ in .zero }
        desk.release(1)
        desk.setAside(taken[0], until: Timestamp(microseconds: 100))
        #expect(desk.nextDue == Timestamp(microseconds: 100))
        #expect(take(&desk, 2) == ["3"])
        desk.recallAsides(at: Timestamp(microseconds: 99))
        #expect(take(&desk, 2).isEmpty)
        desk.recallAsides(at: Timestamp(microseconds: 100))
        #expect(take(&desk, 2) == ["1", "2"])
        #expect(desk.nextDue == nil)
    }

    @Test func slowHandlersAreNotPutTogether() {
        var desk = desk((1...6).map { message("\($0)") })
        #expect(take(&desk, budget: .milliseconds(25), cost: .milliseconds(10)) == ["1", "2"])
        #expect(take(&desk, budget: .milliseconds(25), cost: .seconds(10)) == ["3"])
        #expect(take(&desk, budget: .milliseconds(25), isContinuation: true, cost: .seconds(10)).isEmpty)
    }

    @Test func suspectsAreTakenAlone() {
        var desk = desk([message("1"), message("2", "a", headers: ["x-delivery-count": 2]), message("3", "a"), message("4")])
        #expect(take(&desk) == ["1", "4"])
        #expect(take(&desk, isContinuation: true).isEmpty)
        #expect(take(&desk) == ["2"])
        desk.release(1)
        #expect(take(&desk) == ["3"])
    }

    @Test func aSecondDeliveryIsSettledWithTheFirst() {
        var desk = desk([message("1", "a"), message("2", "a"), message("1", "a")])
        let taken = desk.take(for: 1, .init(budget: .seconds(1), count: 9, isContinuation: false)) { _ in .zero }
        #expect(taken.map(\.id) == ["1", "2"])
        #expect(taken[0].deliveries.count == 2)
        // Begun already: it waits for its turn, and the inbox will tell.
        desk.add(message("1", "a"))
        #expect(desk.waiting.count == 1)
        // A replay is no second delivery.
        desk.add(message("1", "a", headers: ["signalbox-replay": "r"]))
        #expect(desk.waiting.count == 2)
        desk.release(1)
        #expect(take(&desk) == ["1"])
    }

    @Test func surplusKeepsTheOrderOfEachKey() {
        var desk = desk(
            [
                ("1", "a"), ("2", "b"), ("3", "c"), ("4", "a"), ("5", "d"), ("6", "c"), ("7", "d"), ("8", ""), ("9", "e"),
            ].map { message($0.0, $0.1) })
        #expect(take(&desk, 1, count: 1) == ["1"])
        // "2" stays; "a" is in somebody's hands.
        #expect(desk.takeSurplus(for: -1, behind: 1, atMost: 5).map(\.id) == ["3", "5", "6", "7", "8"])
        #expect(take(&desk, 2) == ["2", "9"])
        desk.add(message("10", "c"))
        #expect(take(&desk, 2).isEmpty)
        desk.release(-1)
        #expect(take(&desk, 2) == ["10"])
    }

    /// Whatever workers do, the messages of a key are begun in their order, and by one at a time.
    @Test(arguments: 0..<20) func orderHoldsForAnyWork(_ seed: UInt64) {
        var random = SplitMix(seed)
        let keys = (0..<300).map { _ in ["a", "b", "c", ""].randomElement(using: &random) ?? "" }
        var desk = DeliveryDesk()
        var (next, done): (Int, [Int]) = (0, [])
        var hands: [Int: [MessageInHand]] = [:]
        var clock: Int64 = 0
        for _ in 0..<20_000 where done.count < keys.count {
            clock += 1
            if next < keys.count, Bool.random(using: &random) {
                desk.add(message("\(next)", keys[next]))
                next += 1
            }
            desk.recallAsides(at: Timestamp(microseconds: clock))
            let worker = Int.random(in: 0..<4, using: &random)
            guard let hand = hands.removeValue(forKey: worker) else {
                let count = Int.random(in: 1...5, using: &random)
                let taken = desk.take(for: worker, .init(budget: .seconds(1), count: count, isContinuation: false)) { _ in .zero }
                if !taken.isEmpty { hands[worker] = taken }
                continue
            }
            let finished = Int.random(in: 0...hand.count, using: &random)
            done += hand.prefix(finished).compactMap { Int($0.id) }
            var rest = Array(hand.dropFirst(finished))
            let aside = Bool.random(using: &random) ? rest.first : nil
            if aside != nil { rest.removeFirst() }
            desk.giveBack(rest)
            desk.release(worker)
            if let aside { desk.setAside(aside, until: Timestamp(microseconds: clock + 7)) }
        }
        #expect(done.count == keys.count)
        for key in ["a", "b", "c"] {
            let order = done.filter { keys[$0] == key }
            #expect(order == order.sorted())
        }
    }
}
