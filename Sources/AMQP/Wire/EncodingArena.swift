import CRabbitMQ
import Glibc

/// Memory for the C structures of one encoding; all of it is taken back at once.
struct EncodingArena: ~Copyable {
    private var pool = amqp_pool_t()

    private static let pageSize = 16 * 1024

    init() {
        init_amqp_pool(&pool, Self.pageSize)
    }

    deinit {
        var pool = pool
        empty_amqp_pool(&pool)
    }

    /// What was allocated before is invalid afterwards.
    mutating func recycle() {
        recycle_amqp_pool(&pool)
    }

    /// Zeroed; nil when there is no memory.
    mutating func allocate<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T>? {
        guard let memory = amqp_pool_alloc(&pool, max(1, count) * MemoryLayout<T>.stride) else { return nil }
        memset(memory, 0, max(1, count) * MemoryLayout<T>.stride)
        return memory.bindMemory(to: T.self, capacity: max(1, count))
    }

    mutating func bytes(_ collection: some Collection<UInt8>) throws(AMQPError) -> amqp_bytes_t {
        let count = collection.count
        guard count > 0 else { return amqp_bytes_t(len: 0, bytes: nil) }
        guard let memory = amqp_pool_alloc(&pool, count) else { throw Self.noMemory }
        UnsafeMutableRawBufferPointer(start: memory, count: count).copyBytes(from: collection)
        return amqp_bytes_t(len: count, bytes: memory)
    }

    /// A "short string": at most 255 bytes.
    mutating func short(_ text: String, _ name: String) throws(AMQPError) -> amqp_bytes_t {
        guard text.utf8.count <= 255 else {
            throw AMQPError(.invalidArgument, "the \(name) is \(text.utf8.count) bytes long; AMQP allows 255: \(text.prefix(80))…")
        }
        return try bytes(text.utf8)
    }

    static let noMemory = AMQPError(.invalidArgument, "no memory to encode a message for the broker")
}
