import NIOCore
import Synchronization
import TestSupport
import Testing
import Topology

@testable import Gateway

struct StreamingTests {
    @Test func bigDownloadPassesWhole() async throws {
        let size = 64 << 20
        let upstream = try await UpstreamServer.start { _ in .stream(size) }
        try await withGateway(try await .start(.service(ports: [upstream.port]))) { gateway in
            let client = try await gateway.connect(keeps: false)
            try await client.send("GET / HTTP/1.0\r\n\r\n")
            try await eventually(within: .seconds(60)) { client.isClosed }
            #expect(client.count > size)
            #expect(client.count < size + 1000)
        }
        await upstream.stop()
    }

    @Test func aSlowReaderHoldsTheUpstreamBack() async throws {
        let size = 256 << 20
        let upstream = try await UpstreamServer.start { _ in .stream(size) }
        try await withGateway(try await .start(.service(ports: [upstream.port], timeout: .seconds(60)))) { gateway in
            let client = try await gateway.connect(keeps: false)
            try await client.pauseReading()
            let before = residentBytes()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually { await gateway.metrics().upstreamConnections == 1 }
            // Nothing tells that something will never come: long enough for a gateway that does not hold back to have read it all.
            try await Task.sleep(for: .seconds(1))
            #expect(residentBytes() - before < 64 << 20)
            try await client.resumeReading()
            try await eventually(within: .seconds(60)) { client.count > size }
            await client.close()
        }
        await upstream.stop()
    }

    @Test(arguments: [true, false])
    func uploadStreamsBothWays(isChunked: Bool) async throws {
        let upstream = try await UpstreamServer.start { _ in .echo }
        let piece = ByteBuffer(repeating: UInt8(ascii: "u"), count: 1 << 20)
        try await withGateway(try await .start(.service(ports: [upstream.port], timeout: .seconds(60)))) { gateway in
            let client = try await gateway.connect(keeps: false)
            let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(20 << 20)"
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
            for _ in 0..<20 {
                if isChunked { try await client.send("100000\r\n") }
                try await client.send(piece)
                if isChunked { try await client.send("\r\n") }
            }
            if isChunked { try await client.send("0\r\n\r\n") }
            try await eventually(within: .seconds(60)) { client.count > 20 << 20 }
            #expect(upstream.bytesReceived == 20 << 20)
            await client.close()
        }
        await upstream.stop()
    }

    @Test func aSlowUpstreamHoldsTheClientBack() async throws {
        let size = 48 << 20
        let upstream = try await UpstreamServer.start { _ in .deaf }
        try await withGateway(try await .start(.service(ports: [upstream.port], timeout: .seconds(3)))) { gateway in
            let client = try await gateway.connect()
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
            try await eventually { await gateway.metrics().upstreamConnections == 1 }
            let written = Mutex(0)
            let piece = ByteBuffer(repeating: 1, count: 1 << 20)
            async let sending: Void = {
                for _ in 0..<size >> 20 {
                    try await client.send(piece)
                    written.withLock { $0 += 1 << 20 }
                }
            }()
            try await client.text("the route's time") { $0.hasPrefix("HTTP/1.1 504") }
            // What the kernel's buffers on the way hold is less than half.
            #expect(written.withLock { $0 } < size / 2)
            try? await sending
        }
        await upstream.stop()
    }

    @Test func continueIsAskedForOnlyWhenTheBodyIsWanted() async throws {
        let upstream = try await UpstreamServer.start { _ in .answer(body: "took it") }
        try await withGateway(try await .start(.service("/up", ports: [upstream.port]))) { gateway in
            let client = try await gateway.connect()
            try await client.send("POST /up HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
            try await client.text("the continue") { $0 == "HTTP/1.1 100 Continue\r\n\r\n" }
            try await client.send("body")
            try await client.text { $0.hasSuffix("took it") }
            #expect(upstream.requests.first?.values("Expect") == [])
            let other = try await gateway.connect()
            try await other.send("POST /elsewhere HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
            try await other.text { $0.hasPrefix("HTTP/1.1 404") }
            try await eventually { other.isClosed }
            await client.close()
        }
        await upstream.stop()
    }
}
