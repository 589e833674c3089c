import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// A small HTTP/1.1 client for probes, the broker's management API and the admin endpoint: one connection a request, over TCP or a Unix
/// socket, without TLS.
package struct HTTPClient: Sendable {
    package enum Address: Sendable, Hashable, CustomStringConvertible {
        case tcp(host: String, port: Int)
        case unix(path: String)

        package var description: String {
            switch self {
            case .tcp(let host, let port): "\(host):\(port)"
            case .unix(let path): path
            }
        }
    }

    package struct Request: Sendable {
        package var method: String
        /// With the query, percent-encoded.
        package var path: String
        package var headers: [(String, String)]
        package var body: [UInt8]
        /// For connecting and the whole answer; for a stream, until its head.
        package var timeout: Duration
        /// Bytes.
        package var maximumBody: Int

        package init(
            method: String = "GET", path: String, headers: [(String, String)] = [], body: [UInt8] = [], timeout: Duration = .seconds(5),
            maximumBody: Int = 16 << 20
        ) {
            self.method = method
            self.path = path
            self.headers = headers
            self.body = body
            self.timeout = timeout
            self.maximumBody = maximumBody
        }
    }

    package struct Response: Sendable {
        package var status: Int
        package var headers: [(String, String)]
        package var body: [UInt8]

        package init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        /// The first value of the header, whatever its letters' case.
        package func header(_ name: String) -> String? {
            let wanted = name.lowercased()
            return headers.first { $0.0.lowercased() == wanted }?.1
        }

        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    private var group: any EventLoopGroup { MultiThreadedEventLoopGroup.singleton }

    package init() {}

    /// - Throws: `HTTPClientError` when there is no whole answer; a status of 400 and above is an answer. A cancelled task's call ends with
    ///   `.connectionClosed`.
    package func send(_ request: Request, to address: Address) async throws(HTTPClientError) -> Response {
        let promise = group.any().makePromise(of: Response.self)
        let collector = ResponseCollector(promise: promise, address: address, maximumBody: request.maximumBody)
        let channel = try await connect(to: address, for: request, handler: collector, orFail: { promise.fail($0) })
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(request.timeout)) {
            promise.fail(
                HTTPClientError(.timedOut, "\(address) did not answer \(request.method) \(request.path) within \(request.timeout)"))
            channel.close(promise: nil)
        }
        defer {
            timer.cancel()
            channel.close(promise: nil)
        }
        channel.writeRequest(request, to: address)
        do {
            return try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            throw error as? HTTPClientError
                ?? HTTPClientError(.invalidResponse, "\(address) gave no valid HTTP answer: \(error)", underlying: error)
        }
    }

    /// The answer's head, and its body line by line as it comes: for server-sent events and followed logs. The connection is closed when
    /// the stream is dropped.
    package func stream(
        _ request: Request, to address: Address
    ) async throws(HTTPClientError) -> (head: Response, lines: AsyncThrowingStream<String, any Error>) {
        let (lines, continuation) = AsyncThrowingStream<String, any Error>.makeStream(bufferingPolicy: .bufferingNewest(10_000))
        let promise = group.any().makePromise(of: Response.self)
        let splitter = LineSplitter(head: promise, lines: continuation, address: address, maximumLine: request.maximumBody)
        let channel = try await connect(to: address, for: request, handler: splitter, orFail: { promise.fail($0) })
        continuation.onTermination = { _ in channel.close(promise: nil) }
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(request.timeout)) {
            promise.fail(
                HTTPClientError(.timedOut, "\(address) did not answer \(request.method) \(request.path) within \(request.timeout)"))
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        channel.writeRequest(request, to: address)
        do {
            return (try await promise.futureResult.get(), lines)
        } catch {
            channel.close(promise: nil)
            throw error as? HTTPClientError
                ?? HTTPClientError(.invalidResponse, "\(address) gave no valid HTTP answer: \(error)", underlying: error)
        }
    }

    /// NIO's own description lists every attempt; the first one's error says it.
    private static func reason(of error: any Error) -> String {
        let cause = (error as? NIOConnectionError)?.connectionErrors.first?.error ?? error
        return (cause as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(cause)"
    }

    private func connect(
        to address: Address, for request: Request, handler: some ChannelInboundHandler & Sendable, orFail fail: (HTTPClientError) -> Void
    ) async throws(HTTPClientError) -> any Channel {
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(TimeAmount(request.timeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            return switch address {
            case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port).get()
            case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
            }
        } catch {
            let failure =
                if let failed = error as? ChannelError, case .connectTimeout = failed {
                    HTTPClientError(.timedOut, "connecting to \(address) took longer than \(request.timeout)", underlying: error)
                } else {
                    HTTPClientError(.cannotConnect, "cannot connect to \(address): \(Self.reason(of: error))", underlying: error)
                }
            // A promise that is never completed is a programming error to NIO.
            fail(failure)
            throw failure
        }
    }
}

extension Channel {
    fileprivate func writeRequest(_ request: HTTPClient.Request, to address: HTTPClient.Address) {
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.path)
        for (name, value) in request.headers { head.headers.add(name: name, value: value) }
        if !head.headers.contains(name: "Host") {
            let host =
                switch address {
                case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
                case .unix: "localhost"
                }
            head.headers.add(name: "Host", value: host)
        }
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        if !request.body.isEmpty || !["GET", "HEAD", "DELETE"].contains(request.method) {
            head.headers.replaceOrAdd(name: "Content-Length", value: String(request.body.count))
        }
        write(HTTPClientRequestPart.head(head), promise: nil)
        if !request.body.isEmpty {
            write(HTTPClientRequestPart.body(.byteBuffer(allocator.buffer(bytes: request.body))), promise: nil)
        }
        writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }
}
