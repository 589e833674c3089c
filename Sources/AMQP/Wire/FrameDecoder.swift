import CRabbitMQ

/// librabbitmq as a decoder: bytes in, frames out. Its connection state is given no socket, so that no call into it can block.
struct FrameDecoder: ~Copyable {
    private let state: amqp_connection_state_t
    private var isBetweenFrames = true

    init() throws(AMQPError) {
        guard let state = amqp_new_connection() else { throw AMQPError(.protocolViolation, "no memory for a connection to the broker") }
        self.state = state
    }

    deinit {
        amqp_destroy_connection(state)
    }

    /// To be called right after `connection.tune`: a broker is silent then until it has our answer.
    mutating func apply(_ limits: ConnectionLimits) throws(AMQPError) {
        // In the middle of a frame the library would abort the process.
        guard isBetweenFrames else { throw AMQPError(.protocolViolation, "the broker went on before its offer was answered") }
        let status = amqp_tune_connection(state, Int32(limits.channelMax), Int32(limits.frameMax), 0)
        guard status == 0 else { throw Self.error(status) }
    }

    /// Every frame that is complete with these bytes; the rest is kept for the next call.
    mutating func decode(_ bytes: UnsafeRawBufferPointer) throws(AMQPError) -> [Frame] {
        var frames: [Frame] = []
        var rest = bytes
        while let address = rest.baseAddress, !rest.isEmpty {
            var frame = amqp_frame_t()
            // The library only reads what it is given.
            let input = amqp_bytes_t(len: rest.count, bytes: UnsafeMutableRawPointer(mutating: address))
            let consumed = amqp_handle_input(state, input, &frame)
            guard consumed >= 0 else { throw Self.error(consumed) }
            isBetweenFrames = frame.frame_type != 0
            if isBetweenFrames {
                if let decoded = try Self.copy(frame) { frames.append(decoded) }
                amqp_maybe_release_buffers_on_channel(state, frame.channel)
            } else if consumed == 0 {
                throw AMQPError(.protocolViolation, "the broker sent bytes that are not AMQP 0-9-1")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Int(consumed)))
        }
        return frames
    }

    private static func copy(_ frame: amqp_frame_t) throws(AMQPError) -> Frame? {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD:
            return .method(ServerMethod(frame.payload.method), channel: frame.channel)
        case AMQP_FRAME_HEADER:
            let header = frame.payload.properties
            guard header.class_id == 60, let decoded = header.decoded else {
                throw AMQPError(.protocolViolation, "the broker sent a content header of class \(header.class_id)")
            }
            let properties = AMQPProperties(decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee)
            return .header(properties, bodySize: header.body_size, channel: frame.channel)
        case AMQP_FRAME_BODY:
            return .body([UInt8](frame.payload.body_fragment), channel: frame.channel)
        case AMQP_FRAME_HEARTBEAT:
            return nil
        default:
            throw AMQPError(.protocolViolation, "the broker sent a frame of type \(frame.frame_type) (does it speak AMQP 0-9-1?)")
        }
    }

    private static func error(_ status: Int32) -> AMQPError {
        AMQPError(.protocolViolation, "the broker's bytes cannot be understood: \(String(cString: amqp_error_string2(status)))")
    }
}

extension [UInt8] {
    init(_ bytes: amqp_bytes_t) {
        self.init(UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len))
    }
}

extension String {
    /// Invalid UTF-8 is repaired.
    init(_ bytes: amqp_bytes_t) {
        self.init(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}
