/// A decoded frame: a copy, nothing in it belongs to librabbitmq. Heartbeats have none: that bytes came is all they say.
enum Frame: Equatable {
    case method(ServerMethod, channel: UInt16)
    case header(AMQPProperties, bodySize: UInt64, channel: UInt16)
    case body([UInt8], channel: UInt16)
}
