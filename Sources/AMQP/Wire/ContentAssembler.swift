/// Puts the messages together that come as a method, a header and any number of body frames; each channel has its own under way.
struct ContentAssembler: ~Copyable {
    enum Content: Equatable {
        case delivered(ServerMethod.Deliver, AMQPMessage)
        case returned(ServerMethod.Returned, AMQPMessage)
    }

    private enum Method {
        case deliver(ServerMethod.Deliver)
        case returned(ServerMethod.Returned)
    }

    private final class Partial {
        let method: Method
        var properties: AMQPProperties?
        var bodySize = 0
        var body: [UInt8] = []

        init(_ method: Method) {
            self.method = method
        }
    }

    /// RabbitMQ's own upper limit.
    static let maximumBody = 512 * 1024 * 1024
    private static let reservedAtOnce = 1024 * 1024

    private var partials: [UInt16: Partial] = [:]

    mutating func began(_ deliver: ServerMethod.Deliver, channel: UInt16) throws(AMQPError) {
        try begin(.deliver(deliver), channel)
    }

    mutating func began(_ returned: ServerMethod.Returned, channel: UInt16) throws(AMQPError) {
        try begin(.returned(returned), channel)
    }

    /// - Returns: the message, when it has no body.
    mutating func received(_ properties: AMQPProperties, bodySize: UInt64, channel: UInt16) throws(AMQPError) -> Content? {
        guard let partial = partials[channel], partial.properties == nil else {
            throw AMQPError(.protocolViolation, "the broker sent a content header that belongs to no message")
        }
        guard bodySize <= UInt64(Self.maximumBody) else {
            throw AMQPError(.protocolViolation, "the broker announced a message of \(bodySize) bytes; the limit is \(Self.maximumBody)")
        }
        partial.properties = properties
        partial.bodySize = Int(bodySize)
        return finish(partial, channel)
    }

    /// - Returns: the message, when this was the last part of it.
    mutating func received(_ part: [UInt8], channel: UInt16) throws(AMQPError) -> Content? {
        guard let partial = partials[channel], partial.properties != nil,
            partial.body.count + part.count <= partial.bodySize
        else { throw AMQPError(.protocolViolation, "the broker sent a body frame that belongs to no message") }
        if partial.body.isEmpty, part.count == partial.bodySize {
            partial.body = part
        } else {
            if partial.body.isEmpty { partial.body.reserveCapacity(min(partial.bodySize, Self.reservedAtOnce)) }
            partial.body += part
        }
        return finish(partial, channel)
    }

    mutating func forget(channel: UInt16) {
        partials.removeValue(forKey: channel)
    }

    private mutating func begin(_ method: Method, _ channel: UInt16) throws(AMQPError) {
        guard partials[channel] == nil else {
            throw AMQPError(.protocolViolation, "the broker began a message before the last one was complete")
        }
        partials[channel] = Partial(method)
    }

    private mutating func finish(_ partial: Partial, _ channel: UInt16) -> Content? {
        guard let properties = partial.properties, partial.body.count == partial.bodySize else {
            return nil
        }
        partials[channel] = nil
        let message = AMQPMessage(properties: properties, body: partial.body)
        return switch partial.method {
        case .deliver(let deliver): .delivered(deliver, message)
        case .returned(let returned): .returned(returned, message)
        }
    }
}
