import AMQP
@testable import ServiceKit
import Testing

struct RequestDeadlineTests {
    private let now = Timestamp(microseconds: 1_000_000_000_000)

    @Test func theGatewaysDeadline() {
        let properties = AMQPProperties(headers: ["signalbox-deadline": .int(1_000_000_250)])
        #expect(RequestDeadline.remaining(properties, now: now) == .milliseconds(250))
        #expect(RequestDeadline.remaining(AMQPProperties(headers: ["signalbox-deadline": .int(999_999_999)]), now: now) < .zero)
    }

    @Test func expirationSinceTheTimestamp() {
        #expect(RequestDeadline.remaining(AMQPProperties(expiration: .seconds(5), timestamp: 1_000_000), now: now) == .seconds(6))
        #expect(RequestDeadline.remaining(AMQPProperties(expiration: .seconds(5), timestamp: 999_990), now: now) < .zero)
        #expect(RequestDeadline.remaining(AMQPProperties(expiration: .seconds(5)), now: now) == .seconds(5))
    }

    @Test func boundsAndNonsense() {
        #expect(RequestDeadline.remaining(AMQPProperties(), now: now) == RequestDeadline.fallback)
        #expect(RequestDeadline.remaining(AMQPProperties(headers: ["signalbox-deadline": .int(.max)]), now: now) == RequestDeadline.longest)
        #expect(RequestDeadline.remaining(AMQPProperties(headers: ["signalbox-deadline": .int(.min)]), now: now) <= .zero)
    }
}
