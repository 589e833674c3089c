import Testing

@testable import AMQP

struct PublishLedgerTests {
    private static let start = ContinuousClock.now
    private let channelError = AMQPError(replyCode: 404, replyText: "NOT_FOUND - no exchange 'gone' in vhost '/'")

    private func ledger(window: Int = 10, bytes: Int = 1000, waiting: Int = 100, _ ids: UInt64...) throws -> PublishLedger {
        var ledger = PublishLedger(limits: .init(window: window, bytes: bytes, waiting: waiting))
        for id in ids { try ledger.add(publish(id)) }
        return ledger
    }

    private func publish(_ id: UInt64, to exchange: String = "there", size: Int = 1, after: Duration = .seconds(1)) -> Publish {
        let message = AMQPMessage(properties: .init(messageID: "m\(id)"), body: Array(repeating: 0, count: size))
        return Publish(id: id, exchange: exchange, routingKey: "key", message: message, deadline: Self.start + after)
    }

    private func sendAll(_ ledger: inout PublishLedger) -> [UInt64] {
        var sent: [UInt64] = []
        while let next = ledger.next() {
            ledger.sent(next.id)
            sent.append(next.id)
        }
        return sent
    }

    private func returned(_ id: UInt64) -> (ServerMethod.Returned, String) {
        (ServerMethod.Returned(code: 312, text: "NO_ROUTE", exchange: "there", routingKey: "key"), "m\(id)")
    }

    @Test func sendsInOrderWhileTheWindowHasRoom() throws {
        var ledger = try ledger(window: 2, 1, 2, 3)
        #expect(sendAll(&ledger) == [1, 2])
        #expect(ledger.acknowledged(1, isMultiple: false) == [.init(id: 1, error: nil)])
        #expect(sendAll(&ledger) == [3])
        #expect(ledger.acknowledged(3, isMultiple: true).map(\.id) == [2, 3])
        #expect(ledger.earliestDeadline == nil)
    }

    @Test func boundsTheBytesOnTheWayButLetsAnyOneThrough() throws {
        var ledger = try ledger(bytes: 100)
        try ledger.add(publish(1, size: 5000))
        try ledger.add(publish(2, size: 60))
        try ledger.add(publish(3, size: 60))
        try ledger.add(publish(4, size: 60))
        #expect(sendAll(&ledger) == [1])
        _ = ledger.acknowledged(1, isMultiple: false)
        #expect(sendAll(&ledger) == [2, 3])
    }

    @Test func aReturnedMessageFailsAtItsAck() throws {
        var ledger = try ledger(1, 2)
        _ = sendAll(&ledger)
        let (method, id) = returned(2)
        ledger.returned(method, messageID: id)
        let settled = ledger.acknowledged(2, isMultiple: true)
        #expect(settled.map(\.id) == [1, 2])
        #expect(settled[0].error == nil)
        #expect(settled[1].error?.code == .unroutable("NO_ROUTE"))
    }

    @Test func equalMessagesAreReturnedInOrder() throws {
        var ledger = try ledger()
        for id: UInt64 in 1...2 {
            var twin = publish(id)
            twin.message.properties.messageID = "same"
            try ledger.add(twin)
        }
        _ = sendAll(&ledger)
        ledger.returned(returned(0).0, messageID: "same")
        #expect(ledger.acknowledged(1, isMultiple: false).first?.error != nil)
        #expect(ledger.acknowledged(2, isMultiple: false).first?.error == nil)
    }

    @Test func aNackIsAnError() throws {
        var ledger = try ledger(1)
        _ = sendAll(&ledger)
        #expect(ledger.negativelyAcknowledged(1, isMultiple: false).first?.error?.code == .nacked)
    }

    @Test func whatWasSentIsSentAgainBeforeAllOthersWhenTheConnectionIsLost() throws {
        var ledger = try ledger(window: 3, 1, 2, 3, 4)
        #expect(sendAll(&ledger) == [1, 2, 3])
        _ = ledger.acknowledged(2, isMultiple: false)
        #expect(ledger.lostChannel(AMQPError(.notConnected, ""), isCausedByPublish: false) == [])
        #expect(sendAll(&ledger) == [1, 3, 4])
        #expect(ledger.acknowledged(3, isMultiple: true).map(\.id) == [1, 3, 4])
    }

    @Test func aReturnedOneIsNotSentAgain() throws {
        var ledger = try ledger(1, 2)
        _ = sendAll(&ledger)
        let (method, id) = returned(1)
        ledger.returned(method, messageID: id)
        let settled = ledger.lostChannel(AMQPError(.notConnected, ""), isCausedByPublish: false)
        #expect(settled.map(\.id) == [1])
        #expect(settled.first?.error?.code == .unroutable("NO_ROUTE"))
        #expect(sendAll(&ledger) == [2])
    }

    @Test func aMissingExchangeFailsItsOwnPublishesOnly() throws {
        var ledger = try ledger(1)
        try ledger.add(publish(2, to: "gone"))
        try ledger.add(publish(3))
        try ledger.add(publish(4, to: "gone"))
        _ = sendAll(&ledger)
        #expect(channelError.exchangeNamed == "gone")
        let settled = ledger.lostChannel(channelError, exchange: "gone", isCausedByPublish: true)
        #expect(settled == [.init(id: 2, error: channelError), .init(id: 4, error: channelError)])
        #expect(sendAll(&ledger) == [1, 3])
    }

    @Test func anUnknownCulpritIsFoundOneByOne() throws {
        var ledger = try ledger(1, 2, 3)
        let error = AMQPError(replyCode: 406, replyText: "PRECONDITION_FAILED - invalid expiration")
        _ = sendAll(&ledger)
        #expect(ledger.lostChannel(error, exchange: nil, isCausedByPublish: true) == [])
        #expect(sendAll(&ledger) == [1])
        #expect(ledger.acknowledged(1, isMultiple: false).map(\.id) == [1])
        #expect(sendAll(&ledger) == [2])
        #expect(ledger.lostChannel(error, exchange: nil, isCausedByPublish: true) == [.init(id: 2, error: error)])
        try ledger.add(publish(4))
        #expect(sendAll(&ledger) == [3])
        _ = ledger.acknowledged(1, isMultiple: false)
        try ledger.add(publish(5))
        #expect(sendAll(&ledger) == [4, 5])
    }

    @Test func deadlinesSayWhatIsKnown() throws {
        var ledger = try ledger(window: 1, 1, 2)
        try ledger.add(publish(3, after: .seconds(9)))
        _ = sendAll(&ledger)
        #expect(ledger.earliestDeadline == Self.start + .seconds(1))
        #expect(ledger.expire(at: Self.start, obstacle: nil) == [])
        let settled = ledger.expire(at: Self.start + .seconds(1), obstacle: AMQPError(.blocked, "alarm"))
        #expect(settled.map(\.id) == [1, 2])
        #expect(settled.map(\.error?.code) == [.deadlineExceeded, .blocked])
        #expect(ledger.earliestDeadline == Self.start + .seconds(9))
        // The window is full until the broker has answered.
        #expect(sendAll(&ledger) == [])
        #expect(ledger.acknowledged(1, isMultiple: false) == [])
        #expect(sendAll(&ledger) == [3])
    }

    @Test func theAbandonedAreNotSentAgain() throws {
        var ledger = try ledger(1, 2)
        _ = sendAll(&ledger)
        ledger.abandon(1)
        #expect(ledger.lostChannel(AMQPError(.notConnected, ""), isCausedByPublish: false) == [])
        #expect(sendAll(&ledger) == [2])
        #expect(ledger.acknowledged(1, isMultiple: false).map(\.id) == [2])
    }

    @Test func theReturnOfAnAbandonedOneIsNotTakenForAnothers() throws {
        var ledger = try ledger()
        for id: UInt64 in 1...2 {
            var twin = publish(id)
            twin.message.properties.messageID = "same"
            try ledger.add(twin)
        }
        _ = sendAll(&ledger)
        ledger.abandon(1)
        ledger.returned(returned(0).0, messageID: "same")
        #expect(ledger.acknowledged(2, isMultiple: true) == [.init(id: 2, error: nil)])
    }

    @Test func boundsThoseThatWaitAndForgetsTheGone() throws {
        var ledger = try ledger(waiting: 3, 1, 2, 3)
        #expect(throws: AMQPError.self) { try ledger.add(publish(4)) }
        ledger.abandon(1)
        try ledger.add(publish(5))
        ledger.abandon(3)
        ledger.abandon(2)
        #expect(sendAll(&ledger) == [5])
        // However long there is no connection, those whose callers have gone take no room.
        for id: UInt64 in 10...10_000 {
            try ledger.add(publish(id))
            ledger.abandon(id)
        }
        #expect(sendAll(&ledger) == [])
    }

    @Test func whatCannotBeSentIsSettled() throws {
        var ledger = try ledger(1, 2)
        let error = AMQPError(.invalidArgument, "")
        #expect(ledger.next()?.id == 1)
        #expect(ledger.refused(1, error) == .init(id: 1, error: error))
        #expect(sendAll(&ledger) == [2])
    }

    @Test func closingSettlesAllThatIsAwaited() throws {
        var ledger = try ledger(window: 1, 1, 2, 3)
        _ = sendAll(&ledger)
        ledger.abandon(2)
        #expect(ledger.close(AMQPError(.closed, "")).map(\.id) == [1, 3])
        #expect(sendAll(&ledger) == [])
    }
}
