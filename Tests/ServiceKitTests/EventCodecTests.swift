import AMQP
import Foundation
@testable import ServiceKit
import Testing

struct EventCodecTests {
    static let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func goesThereAndBack() throws {
        let time = Timestamp(microseconds: 1_795_262_400_123_456)
        let event = EventMetadata(
            id: "0199", type: "order.created", source: "/shop/order", subject: "17", time: time.date, version: 2, traceparent: Self.trace)
        let message = EventCodec.message(event, body: [1, 2], service: "order")
        #expect(message.properties.messageID == "0199")
        #expect(message.properties.type == "order.created")
        #expect(message.properties.appID == "order")
        #expect(message.properties.contentType == "application/json")
        #expect(message.properties.timestamp == 1_795_262_400)
        #expect(message.properties.isPersistent)
        #expect(message.properties.headers["cloudEvents:specversion"] == "1.0")
        #expect(message.properties.headers["cloudEvents:time"] == "2026-11-21T12:00:00.123456Z")
        #expect(message.properties.headers["cloudEvents:dataversion"] == 2)
        #expect(try EventCodec.metadata(of: message, routingKey: "elsewhere") == event)
    }

    @Test func theOldestVersionThatCanReadItTravelsWhereItIsAnother() throws {
        var event = EventMetadata(
            id: "1", type: "a", source: "", subject: "", time: Date(timeIntervalSince1970: 0), version: 2, minimumReaderVersion: 1)
        let message = EventCodec.message(event, body: [], service: "order")
        #expect(message.properties.headers["cloudEvents:dataminversion"] == 1)
        #expect(try EventCodec.metadata(of: message, routingKey: "a").minimumReaderVersion == 1)
        event.minimumReaderVersion = 2
        let plain = EventCodec.message(event, body: [], service: "order")
        #expect(plain.properties.headers["cloudEvents:dataminversion"] == nil)
        #expect(try EventCodec.metadata(of: plain, routingKey: "a").minimumReaderVersion == 2)
    }

    @Test func aPlainMessageWithAnIDIsEnough() throws {
        let message = AMQPMessage(properties: AMQPProperties(messageID: "1", timestamp: 10), body: [])
        let event = try EventCodec.metadata(of: message, routingKey: "order.created")
        #expect(event.type == "order.created")
        #expect(event.subject == "")
        #expect(event.version == 1)
        #expect(event.attempt == 1)
        #expect(event.time == Date(timeIntervalSince1970: 10))
    }

    @Test func otherSpellingsOfTheAttributesAreRead() throws {
        let message = AMQPMessage(
            properties: AMQPProperties(headers: ["cloudEvents_id": "7", "cloudEvents_type": "a.b", "cloudEvents_subject": "s"]))
        let event = try EventCodec.metadata(of: message, routingKey: "")
        #expect(event.id == "7")
        #expect(event.type == "a.b")
        #expect(event.subject == "s")
    }

    @Test func withoutAnIDItIsRefused() {
        do {
            _ = try EventCodec.metadata(of: AMQPMessage(), routingKey: "a")
            Issue.record("accepted")
        } catch {
            #expect(error.code == .invalidEvent)
        }
    }

    @Test func nonsenseInTheAttributesDoesNotHurt() throws {
        let message = AMQPMessage(
            properties: AMQPProperties(
                messageID: "1", timestamp: .max,
                headers: ["cloudEvents:time": "yesterday", "cloudEvents:dataversion": "two", "cloudEvents:subject": .table([:])]))
        let event = try EventCodec.metadata(of: message, routingKey: "a")
        #expect(event.version == 1)
        #expect(event.subject == "")
    }

    @Test func failuresTravelWithTheMessage() throws {
        let now = Timestamp(microseconds: 5_000_000)
        let event = EventMetadata(id: "1", type: "a", source: "", subject: "", time: Date(timeIntervalSince1970: 0))
        var message = EventCodec.message(event, body: [1], service: "order")
        message.properties.expiration = .seconds(1)
        message.properties.headers["x-death"] = .array([])
        message.properties.headers["x-delivery-count"] = 3
        let first = FailureRecord(attempts: 3, cause: String(repeating: "x", count: 5000), originQueue: "q", firstFailedAt: now)
            .applied(to: message)
        #expect(first.properties.messageID == "1")
        #expect(first.body == [1])
        #expect(first.properties.expiration == nil)
        #expect(first.properties.headers["x-death"] == nil)
        #expect(first.properties.headers["x-delivery-count"] == nil)
        #expect(first.properties.headers["signalbox-attempts"] == 3)
        #expect(first.properties.headers["signalbox-cause"]?.string?.count == FailureRecord.longestCause)
        #expect(first.properties.headers["signalbox-origin-queue"] == "q")
        #expect(try EventCodec.metadata(of: first, routingKey: "q").attempt == 4)
        #expect(first.properties.headers["signalbox-first-failed-at"] == .string(now.description))
    }
}
