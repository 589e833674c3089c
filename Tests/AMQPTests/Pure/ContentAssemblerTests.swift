import Testing

@testable import AMQP

struct ContentAssemblerTests {
    private let deliver = ServerMethod.Deliver(deliveryTag: 1, isRedelivered: false, exchange: "e", routingKey: "k")

    @Test func putsTogetherSeveralChannelsAtOnce() throws {
        var assembler = ContentAssembler()
        try assembler.began(deliver, channel: 1)
        try assembler.began(deliver, channel: 2)
        #expect(try assembler.received(.init(), bodySize: 3, channel: 1) == nil)
        #expect(try assembler.received(.init(), bodySize: 1, channel: 2) == nil)
        #expect(try assembler.received([1, 2], channel: 1) == nil)
        #expect(try assembler.received([9], channel: 2) == .delivered(deliver, AMQPMessage(body: [9])))
        #expect(try assembler.received([3], channel: 1) == .delivered(deliver, AMQPMessage(body: [1, 2, 3])))
    }

    @Test func aMessageMayHaveNoBody() throws {
        var assembler = ContentAssembler()
        try assembler.began(deliver, channel: 1)
        #expect(try assembler.received(.init(), bodySize: 0, channel: 1) == .delivered(deliver, AMQPMessage()))
    }

    @Test func refusesWhatDoesNotFit() throws {
        var assembler = ContentAssembler()
        #expect(throws: AMQPError.self) { try assembler.received([1], channel: 1) }
        #expect(throws: AMQPError.self) { try assembler.received(.init(), bodySize: 1, channel: 1) }
        try assembler.began(deliver, channel: 1)
        #expect(throws: AMQPError.self) { try assembler.began(deliver, channel: 1) }
        #expect(throws: AMQPError.self) { try assembler.received(.init(), bodySize: .max, channel: 1) }
        try assembler.began(deliver, channel: 2)
        _ = try assembler.received(.init(), bodySize: 1, channel: 2)
        #expect(throws: AMQPError.self) { try assembler.received([1, 2], channel: 2) }
    }

    @Test func forgetsAClosedChannel() throws {
        var assembler = ContentAssembler()
        try assembler.began(deliver, channel: 1)
        assembler.forget(channel: 1)
        try assembler.began(deliver, channel: 1)
    }
}
