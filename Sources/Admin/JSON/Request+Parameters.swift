import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

extension Request {
    /// Bytes; what the admin endpoint takes is small.
    static let maximumAdminBody = 64 << 10

    /// The body as JSON, whatever its Content-Type says: `curl -d` announces a form.
    /// - Parameter empty: what an empty body stands for; nil: it is a mistake.
    func json<T: Decodable>(
        _ type: T.Type, example: String, orIfEmpty empty: T? = nil, atMost maximum: Int = maximumAdminBody
    ) async throws -> T {
        let body: ByteBuffer
        do {
            body = try await self.body.collect(upTo: maximum)
        } catch is NIOTooManyBytesError {
            throw Problem(.contentTooLarge, "The body is longer than \(maximum) bytes.")
        }
        guard body.readableBytes > 0 else {
            if let empty { return empty }
            throw Problem(.badRequest, "The body is empty.", hint: "Send JSON like \(example)")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            throw Problem(.badRequest, "The body is not what is wanted here: \(error.explanation).", hint: "Send JSON like \(example)")
        }
    }

    /// `name` in the query as a number.
    /// - Returns: Nil when it is not given.
    func number(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = uri.queryParameters[name[...]] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw Problem(.badRequest, "\(name)=\(text) is not a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// `name` in the query as a yes or no; `?follow` alone is a yes.
    func flag(_ name: String) throws(Problem) -> Bool {
        guard let text = uri.queryParameters[name[...]] else { return false }
        switch text.lowercased() {
        case "", "1", "true", "yes": return true
        case "0", "false", "no": return false
        default: throw Problem(.badRequest, "\(name)=\(text) is neither true nor false.")
        }
    }

    func text(_ name: String) -> String? { uri.queryParameters[name[...]].map(String.init) }
}

extension DecodingError {
    /// For a person: which member, and what was wrong with it.
    fileprivate var explanation: String {
        func name(_ path: [any CodingKey]) -> String {
            path.isEmpty ? "the document" : path.map(\.stringValue).joined(separator: ".")
        }
        return switch self {
        case .keyNotFound(let key, _): "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "\(name(context.codingPath)) has the wrong type"
        case .dataCorrupted(let context) where context.codingPath.isEmpty: "it is not valid JSON"
        case .dataCorrupted(let context): "\(name(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(self)"
        }
    }
}
