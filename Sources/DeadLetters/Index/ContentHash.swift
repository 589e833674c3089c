import AMQP

/// Tells contents apart within one queue; FNV-1a over words of eight bytes, so that it costs little for large bodies.
struct ContentHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    private static let prime: UInt64 = 0x0000_0100_0000_01b3

    mutating func add(_ word: UInt64) {
        value = (value ^ word) &* Self.prime
        value ^= value >> 32
    }

    mutating func add(_ bytes: some Collection<UInt8>) {
        var word: UInt64 = 0
        var filled = 0
        for byte in bytes {
            word = word << 8 | UInt64(byte)
            filled += 1
            if filled == 8 {
                add(word)
                (word, filled) = (0, 0)
            }
        }
        add(word)
        add(UInt64(bytes.count))
    }

    /// The broker counts deliveries in this one: it differs each time.
    private static let deliveryCount = "x-delivery-count"

    /// Of all by which a person would call two messages different.
    static func of(_ message: AMQPMessage) -> UInt64 {
        var hash = ContentHash()
        hash.add(message.body)
        hash.add((message.properties.type ?? "").utf8)
        // In any order: a table has none.
        var headers: UInt64 = 0
        for (name, value) in message.properties.headers where name != deliveryCount {
            var one = ContentHash()
            one.add(name.utf8)
            one.add(value)
            headers &+= one.value
        }
        hash.add(headers)
        return hash.value
    }

    private mutating func add(_ value: AMQPValue) {
        switch value {
        case .null: add(0 as UInt64)
        case .bool(let value): add((value ? 2 : 1) as UInt64)
        case .int(let value), .timestamp(let value): add(UInt64(bitPattern: value))
        case .double(let value): add(value.bitPattern)
        case .string(let value): add(value.utf8)
        case .bytes(let value): add(value)
        case .array(let values): for value in values { add(value) }
        case .table(let values):
            var sum: UInt64 = 0
            for (name, value) in values {
                var one = ContentHash()
                one.add(name.utf8)
                one.add(value)
                sum &+= one.value
            }
            add(sum)
        }
    }
}
