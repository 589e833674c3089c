public import FoundationEssentials
public import Hummingbird
import NIOCore

public typealias ServiceRouter = Router<ServiceRequestContext>

/// What a route is handed beside the request: path parameters, a logger with the trace's id, and JSON whose mistakes become problem documents.
public struct ServiceRequestContext: RequestContext {
    /// Bytes; a longer body is answered with 413.
    public static let maximumBody = 1024 * 1024

    public var coreContext: CoreRequestContextStorage
    /// W3C Trace Context of the request's span, to be sent with what the request causes elsewhere.
    public internal(set) var traceparent: String

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        traceparent = ""
    }

    public var maxUploadSize: Int { Self.maximumBody }
    public var requestDecoder: ServiceRequestDecoder { ServiceRequestDecoder() }
    public var responseEncoder: JSONEncoder { JSON.encoder() }
}

/// Decodes a request's JSON; a mistake is a `ServiceProblem` 400 that names the place and what was expected there.
public struct ServiceRequestDecoder: RequestDecoder {
    public func decode<T: Decodable>(_ type: T.Type, from request: Request, context: some RequestContext) async throws -> T {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: context.maxUploadSize)
        } catch is NIOTooManyBytesError {
            throw ServiceProblem(
                status: 413, title: "The request's body is too large", detail: "At most \(context.maxUploadSize) bytes are read.")
        }
        return try JSON.decode(type, from: Data(buffer.readableBytesView))
    }
}
