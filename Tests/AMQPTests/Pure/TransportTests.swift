import Testing

@testable import AMQP

struct ReplyMatcherTests {
    private let start = ContinuousClock.now

    @Test func matchesTheAnswersOfAChannelInOrder() {
        var replies = ReplyMatcher()
        replies.expect(.channelOpenOk, channel: 1, deadline: start)
        replies.expect(.qosOk, channel: 1, deadline: start)
        replies.expect(.channelOpenOk, channel: 2, deadline: start)
        #expect(replies.received(.qosOk, channel: 1) == false)
        #expect(replies.received(.channelOpenOk, channel: 2) == true)
        #expect(replies.received(.channelOpenOk, channel: 1) == true)
        #expect(replies.received(.qosOk, channel: 1) == true)
        #expect(replies.received(.qosOk, channel: 1) == false)
        #expect(replies.isEmpty)
    }

    @Test func knowsWhatIsOverdue() {
        var replies = ReplyMatcher()
        replies.expect(.channelOpenOk, channel: 1, deadline: start + .seconds(1))
        #expect(replies.firstOverdue(at: start) == nil)
        #expect(replies.firstOverdue(at: start + .seconds(1)) == .channelOpenOk)
        replies.forget(channel: 1)
        #expect(replies.firstOverdue(at: start + .seconds(1)) == nil)
    }
}

struct ChannelNumbersTests {
    @Test func givesOutEachOnceAndTakesThemBack() {
        var numbers = ChannelNumbers(highest: 3)
        #expect([numbers.take(), numbers.take(), numbers.take(), numbers.take()] == [1, 2, 3, nil])
        numbers.putBack(2)
        #expect(numbers.take() == 2)
        #expect(numbers.take() == nil)
    }

    @Test func endsAtTheHighestThereIs() {
        var numbers = ChannelNumbers(highest: 1_000_000)
        var count = 0
        while numbers.take() != nil { count += 1 }
        #expect(count == 65534)
    }
}

struct HandshakeTests {
    private func handshake() throws -> Handshake {
        Handshake(try AMQPConfiguration(url: "amqp://user:secret@localhost/shop", connectionName: "test"))
    }

    @Test func goesStepByStep() throws {
        var handshake = try handshake()
        guard case .send(let first) = try handshake.received(.connectionStart(mechanisms: "AMQPLAIN PLAIN")),
            case .connectionStartOk(let user, let password, let properties) = first.first
        else { throw AMQPError(.protocolViolation, "no start-ok") }
        #expect((user, password) == ("user", "secret"))
        guard case .table(let capabilities) = properties["capabilities"] else { throw AMQPError(.protocolViolation, "no capabilities") }
        #expect(capabilities["connection.blocked"] == true)

        let limits = ConnectionLimits(channelMax: 2047, frameMax: 131072, heartbeat: 10)
        let offered = ConnectionLimits(channelMax: 0, frameMax: 0, heartbeat: 60)
        #expect(
            try handshake.received(.connectionTune(offered))
                == .apply(limits, send: [.connectionTuneOk(limits), .connectionOpen(virtualHost: "shop")]))
        #expect(try handshake.received(.connectionOpenOk) == .finished)
    }

    @Test func takesTheSmallerOffer() throws {
        var handshake = try handshake()
        _ = try handshake.received(.connectionStart(mechanisms: "PLAIN"))
        guard
            case .apply(let limits, _) = try handshake.received(
                .connectionTune(ConnectionLimits(channelMax: 100, frameMax: 8192, heartbeat: 5)))
        else { throw AMQPError(.protocolViolation, "no limits") }
        #expect(limits == ConnectionLimits(channelMax: 100, frameMax: 8192, heartbeat: 5))
    }

    @Test func refusesWhatIsOutOfOrder() throws {
        var handshake = try handshake()
        #expect(throws: AMQPError.self) { try handshake.received(.connectionOpenOk) }
        #expect(throws: AMQPError.self) { try handshake.received(.connectionStart(mechanisms: "EXTERNAL")) }
    }

    @Test func explainsAnEndAfterTheCredentials() throws {
        var handshake = try handshake()
        let error = AMQPError(.notConnected, "the broker closed the connection")
        #expect(handshake.explain(error) == error)
        _ = try handshake.received(.connectionStart(mechanisms: "PLAIN"))
        #expect(handshake.explain(error).code == .accessRefused)
    }
}
