import Hummingbird

extension AdminRequestContext {
    /// A parameter of the path, percent-decoded.
    func parameter(_ name: String) throws(Problem) -> String {
        guard let value = parameters.get(name).flatMap(percentDecoded), !value.isEmpty else {
            throw Problem(.badRequest, "The path's \(name) is not valid.")
        }
        return value
    }

    /// - Returns: Nil when it is not text so encoded.
    private func percentDecoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The service that the path names.
    func name() throws(Problem) -> String { try parameter("name") }
}
