import NIOCore
import NIOHTTP1

/// A response as it lies in the cache.
struct CacheEntry: Sendable, Equatable {
    /// Of the route's event types, in the route's order, as they were before the upstream was asked. The entry counts only while they still
    /// are the same.
    var generations: [String]
    /// Milliseconds since 1970.
    var storedAt: Int64
    var headers: HTTPHeaders
    var body: ByteBuffer

    /// The first byte; to be raised when the layout changes, so that an upgraded gateway reads no older entries.
    private static let layout: UInt8 = 1

    init(generations: [String], storedAt: Int64, headers: HTTPHeaders, body: ByteBuffer) {
        self.generations = generations
        self.storedAt = storedAt
        self.headers = headers
        self.body = body
    }

    func encoded() -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(body.readableBytes + 1024)
        buffer.writeInteger(Self.layout)
        buffer.writeInteger(storedAt)
        buffer.writeInteger(UInt32(generations.count))
        for generation in generations { Self.write(generation, to: &buffer) }
        buffer.writeInteger(UInt32(headers.count))
        for (name, value) in headers {
            Self.write(name, to: &buffer)
            Self.write(value, to: &buffer)
        }
        buffer.writeImmutableBuffer(body)
        return Array(buffer.readableBytesView)
    }

    /// Nil: these bytes are no entry.
    init?(decoding bytes: [UInt8]) {
        var buffer = ByteBuffer(bytes: bytes)
        guard buffer.readInteger(as: UInt8.self) == Self.layout, let storedAt = buffer.readInteger(as: Int64.self),
            let generationCount = buffer.readInteger(as: UInt32.self), generationCount <= buffer.readableBytes
        else { return nil }
        self.storedAt = storedAt
        generations = []
        for _ in 0..<generationCount {
            guard let generation = Self.readString(&buffer) else { return nil }
            generations.append(generation)
        }
        headers = HTTPHeaders()
        guard let headerCount = buffer.readInteger(as: UInt32.self), headerCount <= buffer.readableBytes else { return nil }
        for _ in 0..<headerCount {
            guard let name = Self.readString(&buffer), let value = Self.readString(&buffer) else { return nil }
            headers.add(name: name, value: value)
        }
        body = buffer.slice()
    }

    private static func write(_ text: String, to buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt32(text.utf8.count))
        buffer.writeString(text)
    }

    private static func readString(_ buffer: inout ByteBuffer) -> String? {
        guard let length = buffer.readInteger(as: UInt32.self) else { return nil }
        return buffer.readString(length: Int(length))
    }
}
