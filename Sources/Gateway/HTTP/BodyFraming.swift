import NIOHTTP1

/// How a message's body is delimited.
enum BodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked

    /// - Throws: `Problem` for a head that two parties could read in two ways.
    static func ofRequest(_ head: HTTPRequestHead) throws(Problem) -> BodyFraming {
        let codings = head.headers["transfer-encoding"]
        let lengths = head.headers["content-length"]
        guard codings.isEmpty else {
            guard lengths.isEmpty else { throw Problem(.badRequest, "the request has both Content-Length and Transfer-Encoding; send one") }
            guard head.version == .http1_1 else { throw Problem(.badRequest, "Transfer-Encoding needs HTTP/1.1") }
            guard codings.count == 1, codings[0].equalsIgnoringCase("chunked") else {
                throw Problem(.notImplemented, "the only transfer coding understood is chunked, once")
            }
            return .chunked
        }
        guard let first = lengths.first else { return .none }
        guard lengths.count == 1, let length = decimal(first) else {
            throw Problem(.badRequest, "Content-Length must be one decimal number")
        }
        return .length(length)
    }

    var hasBody: Bool { self != .none && self != .length(0) }

    /// Digits only: no sign, no spaces, no list.
    static func decimal(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 18, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(text)
    }
}
