import CHiredis

extension RedisValue {
    /// Copies a reply, which stays the caller's to free.
    init(_ reply: redisReply) {
        switch reply.type {
        case REDIS_REPLY_STRING: self = .string(Self.bytes(reply))
        case REDIS_REPLY_STATUS: self = .status(String(decoding: Self.bytes(reply), as: UTF8.self))
        case REDIS_REPLY_INTEGER: self = .int(Int64(reply.integer))
        case REDIS_REPLY_ERROR: self = .error(RedisError(reply: String(decoding: Self.bytes(reply), as: UTF8.self)))
        case REDIS_REPLY_ARRAY:
            self = .array((0..<reply.elements).map { index in reply.element?[index].map { RedisValue($0.pointee) } ?? .null })
        default: self = .null
        }
    }

    private static func bytes(_ reply: redisReply) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: reply.str, count: reply.len))
    }
}

extension RedisError {
    /// From an error reply. Redis repeats an unknown command's arguments, which nobody's log should hold.
    init(reply: String) {
        let reason = reply.firstRange(of: ", with args").map { reply[..<$0.lowerBound] } ?? reply[...]
        self.init(.refused, String(reason))
    }
}
