import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers that go on: `text/event-stream` as the HTML standard has it.
struct ServerSentEvents: Sendable {
    /// After so long without an event a comment is sent, so that proxies and clients see that the connection lives.
    static let keepAlive = Duration.seconds(15)

    let limit = StreamLimit()

    static func write(id: String? = nil, name: String, _ value: some Encodable, to text: inout ByteBuffer) {
        if let id { text.writeString("id: \(id)\n") }
        let data = (try? JSONEncoder.admin().encode(value)) ?? Data("null".utf8)
        // JSON without pretty printing has no line breaks.
        text.writeString("event: \(name)\ndata: ")
        text.writeBytes(data)
        text.writeString("\n\n")
    }

    enum Element: Sendable {
        case event(ByteBuffer)
        case keepAlive
        /// The last one, and why.
        case end(String)

        static func event(id: String? = nil, name: String, _ value: some Encodable) -> Element {
            var text = ByteBuffer()
            ServerSentEvents.write(id: id, name: name, value, to: &text)
            return .event(text)
        }

        fileprivate var bytes: ByteBuffer {
            switch self {
            case .event(let bytes): bytes
            case .keepAlive: ByteBuffer(string: ": still here\n\n")
            case .end(let reason): ByteBuffer(string: ": \(reason)\n\n")
            }
        }
    }

    /// - Parameter elements: called once the answer has begun; its sequence ends the answer. It is cancelled when the client goes.
    func response<Elements: AsyncSequence>(
        to request: Request, _ elements: @escaping @Sendable () async throws -> Elements
    ) throws(Problem) -> Response where Elements.Element == Element {
        let place = try limit.take()
        let body = ResponseBody { writer in
            defer { withExtendedLifetime(place) {} }
            try await writer.write(Element.keepAlive.bytes)
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                for try await element in try await elements() {
                    try await writer.write(element.bytes)
                }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }
}
