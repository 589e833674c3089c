import FoundationEssentials

/// The control protocol's frames: one JSON value a line.
enum ControlCoding {
    /// A list of thousands of processes stays far below it.
    static let maximumFrame = 16 << 20

    /// - Returns: the frame with its newline.
    static func encode(_ value: some Encodable) throws(KeeperError) -> [UInt8] {
        do {
            return [UInt8](try JSONEncoder().encode(value)) + [UInt8(ascii: "\n")]
        } catch {
            throw KeeperError(.protocolViolation, "a message between keeper and supervisor cannot be written as JSON: \(error)")
        }
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from frame: [UInt8]) throws(KeeperError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(frame))
        } catch {
            throw KeeperError(
                .protocolViolation, "a message between keeper and supervisor is not what this version understands: \(error)")
        }
    }
}
