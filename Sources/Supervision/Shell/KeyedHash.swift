import BrokerTopology

/// HMAC (RFC 2104) with SHA-256: tells whether a secret has changed, and nothing of it to whoever does not have the key.
struct KeyedHash: Sendable {
    private static let blockSize = 64
    /// Bytes of the digest that are kept.
    private static let length = 16

    private let inner: [UInt8]
    private let outer: [UInt8]

    init(key: some Sequence<UInt8>) {
        var block = Array(key)
        if block.count > Self.blockSize { block = SHA256.digest(of: block) }
        block += Array(repeating: 0, count: Self.blockSize - block.count)
        inner = block.map { $0 ^ 0x36 }
        outer = block.map { $0 ^ 0x5c }
    }

    /// In hexadecimal digits.
    func hash(_ parts: [String]) -> String {
        // The lengths, so that no part can end where another begins.
        let message = parts.flatMap { Array("\($0.utf8.count):".utf8) + Array($0.utf8) }
        let digest = SHA256.digest(of: outer + SHA256.digest(of: inner + message))
        return digest.prefix(Self.length).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count < 2 ? "0\(digits)" : digits
        }.joined()
    }
}
