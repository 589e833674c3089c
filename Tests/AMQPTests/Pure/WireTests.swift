import Testing

@testable import AMQP

/// Encoding and decoding by librabbitmq, with no socket.
struct WireTests {
    private static let properties = AMQPProperties(
        messageID: "id", correlationID: "correlation", replyTo: "reply", type: "order.created", contentType: "application/json",
        contentEncoding: "identity", appID: "shop", userID: "guest", expiration: .milliseconds(1500), timestamp: 1_700_000_000, priority: 3,
        headers: [
            "null": .null, "bool": true, "int": -5, "large": .int(.max), "double": 1.5, "string": "grüße", "empty": "",
            "bytes": .bytes([0, 255]), "timestamp": .timestamp(17), "array": .array([1, "two", .array([])]),
            "table": .table(["inner": .table(["deep": false])]), "no entries": .table([:]),
        ])

    private func encode(_ message: AMQPMessage, frameMax: Int = 4096) throws(AMQPError) -> [UInt8] {
        var encoder = FrameEncoder(frameMax: frameMax)
        var output = OutputBuffer()
        try encoder.append(message, by: .publish(exchange: "e", routingKey: "k"), channel: 7, to: &output)
        return output.withUnsafeBytes { Array($0) }
    }

    private func decode(_ bytes: [UInt8], by step: Int) throws -> [Frame] {
        var decoder = try FrameDecoder()
        var frames: [Frame] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            let part = Array(bytes[start..<min(start + step, bytes.count)])
            let decoded: [Frame] = try part.withUnsafeBytes { (bytes) throws(AMQPError) -> [Frame] in try decoder.decode(bytes) }
            frames += decoded
        }
        return frames
    }

    @Test(arguments: [1, 7, 100_000])
    func everyPropertyAndEveryKindOfHeaderComesBack(chunk: Int) throws {
        let message = AMQPMessage(properties: Self.properties, body: Array("hello".utf8))
        let frames = try decode(encode(message), by: chunk)
        #expect(
            frames == [
                .method(.other(0x003C_0028), channel: 7), .header(Self.properties, bodySize: 5, channel: 7),
                .body(Array("hello".utf8), channel: 7),
            ])
    }

    @Test func aLargeBodyTakesSeveralFrames() throws {
        let body = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let frames = try decode(encode(AMQPMessage(body: body)), by: 1000)
        #expect(frames.count == 5)
        let parts = frames.map { frame -> [UInt8] in
            if case .body(let part, _) = frame { part } else { [] }
        }
        #expect(parts.flatMap(\.self) == body)
    }

    @Test func transientAndPersistentAreTold() throws {
        for isPersistent in [true, false] {
            let frames = try decode(encode(AMQPMessage(properties: .init(isPersistent: isPersistent))), by: 4096)
            guard case .header(let properties, 0, 7) = frames[1] else { throw AMQPError(.protocolViolation, "\(frames)") }
            #expect(properties.isPersistent == isPersistent)
            #expect(frames.count == 2)
        }
    }

    @Test func whatDoesNotFitIsRefusedAndLeavesNothingBehind() throws {
        var encoder = FrameEncoder(frameMax: 4096)
        var output = OutputBuffer()
        output.append([1])
        let long = String(repeating: "x", count: 256)
        let unusable: [(AMQPMessage, String)] = [
            (AMQPMessage(), long),
            (AMQPMessage(properties: .init(messageID: long)), "k"),
            (AMQPMessage(properties: .init(headers: [long: 1])), "k"),
            (AMQPMessage(properties: .init(headers: ["large": .bytes(Array(repeating: 0, count: 5000))])), "k"),
            (AMQPMessage(properties: .init(headers: ["deep": (0..<100).reduce(.null) { value, _ in .array([value]) }])), "k"),
        ]
        for (message, key) in unusable {
            let error = #expect(throws: AMQPError.self) {
                try encoder.append(message, by: .publish(exchange: "e", routingKey: key), channel: 1, to: &output)
            }
            #expect(error?.code == .invalidArgument)
            #expect(output.count == 1)
        }
    }

    @Test func heartbeatsAreNoFrames() throws {
        // (A heartbeat is never the first frame: librabbitmq would refuse it.)
        let frames = try decode(encode(AMQPMessage()) + FrameEncoder.heartbeat + FrameEncoder.heartbeat + encode(AMQPMessage()), by: 3)
        #expect(frames.count == 4)
    }

    @Test(arguments: [Array("HTTP/1.1 400 Bad Request".utf8), FrameEncoder.protocolHeader, [1, 0, 1, 127, 127, 127, 127]])
    func othersThanAMQPAreRefused(_ bytes: [UInt8]) {
        #expect(throws: AMQPError.self) { try decode(bytes + Array(repeating: 0, count: 100), by: 1000) }
    }

    @Test func expirationIsRoundedUpAndBounded() {
        #expect(Duration.microseconds(1).wholeMilliseconds == 1)
        #expect(Duration.zero.wholeMilliseconds == 0)
        #expect(Duration.seconds(-3).wholeMilliseconds == 0)
        #expect(Duration.seconds(2).wholeMilliseconds == 2000)
        #expect(Duration.seconds(Int64.max).wholeMilliseconds == Int64(UInt32.max))
    }

    @Test func replyCodesBecomeErrorCodes() {
        #expect(AMQPError(replyCode: 404, replyText: "").code == .notFound)
        #expect(AMQPError(replyCode: 403, replyText: "").code == .accessRefused)
        #expect(AMQPError(replyCode: 530, replyText: "NOT_ALLOWED - vhost x not found").code == .notFound)
        #expect(AMQPError(replyCode: 530, replyText: "NOT_ALLOWED - access to vhost").code == .accessRefused)
        #expect(AMQPError(replyCode: 541, replyText: "").code == .refused(541))
    }
}
