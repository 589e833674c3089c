import NIOHTTP1
import Testing

@testable import Gateway

struct HeaderRulesTests {
    private let forwarding = HeaderRules.Forwarding(
        clientAddress: "192.0.2.7", host: "shop.example", requestID: "r1", traceparent: "t1", isTraceContinued: false)

    private func upstream(_ headers: [(String, String)], framing: BodyFraming = .none) -> HTTPHeaders {
        HeaderRules.upstreamRequest(HTTPHeaders(headers), forwarding: forwarding, authority: "127.0.0.1:9", framing: framing)
    }

    @Test func whatTheGatewaySets() {
        let headers = upstream([("Host", "shop.example"), ("Accept", "a"), ("accept", "b")], framing: .length(5))
        #expect(headers["host"] == ["127.0.0.1:9"])
        #expect(headers["accept"] == ["a", "b"])
        #expect(headers["x-forwarded-for"] == ["192.0.2.7"])
        #expect(headers["x-forwarded-proto"] == ["http"])
        #expect(headers["x-forwarded-host"] == ["shop.example"])
        #expect(headers["x-request-id"] == ["r1"])
        #expect(headers["traceparent"] == ["t1"])
        #expect(headers["content-length"] == ["5"])
        #expect(headers["via"] == ["1.1 signalbox"])
    }

    @Test(arguments: [
        "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "Proxy-Connection", "Proxy-Authorization", "Transfer-Encoding", "Expect",
        "HTTP2-Settings",
        "Forwarded", "X-Real-IP", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Original-URL", "X-Rewrite-URL", "Content-Length",
        "tracestate",
    ])
    func whatDoesNotPass(name: String) {
        #expect(upstream([(name, "spoofed"), (name.lowercased(), "again")])[name] == [])
    }

    @Test func spoofedForwardingIsReplaced() {
        let headers = upstream([
            ("X-FORWARDED-FOR", "1.1.1.1"), ("x-forwarded-proto", "https"), ("X-Request-Id", "x"), ("traceparent", "y"),
        ])
        #expect(headers["x-forwarded-for"] == ["192.0.2.7"])
        #expect(headers["x-forwarded-proto"] == ["http"])
        #expect(headers["x-request-id"] == ["r1"])
        #expect(headers["traceparent"] == ["t1"])
    }

    @Test func fieldsNamedByConnectionAreDropped() {
        let headers = upstream([("Connection", "X-Secret, close"), ("x-secret", "1"), ("X-Kept", "1")])
        #expect(!headers.contains(name: "x-secret"))
        #expect(headers["x-kept"] == ["1"])
    }

    @Test func connectionCannotNameWhatTheGatewaySets() {
        #expect(upstream([("Connection", "x-forwarded-for, host")])["x-forwarded-for"] == ["192.0.2.7"])
    }

    @Test func responseLosesWhatConcernsTheUpstreamsConnection() {
        let head = HTTPResponseHead(
            version: .http1_1, status: .ok,
            headers: HTTPHeaders([
                ("Connection", "keep-alive, X-Hop"), ("X-Hop", "1"), ("Keep-Alive", "timeout=5"), ("Content-Length", "5"),
                ("Set-Cookie", "a"),
                ("Set-Cookie", "b"), ("X-Request-Id", "other"), ("X-Cache", "hit"),
            ]))
        let response = HeaderRules.clientResponse(head)
        #expect(response.length == 5)
        #expect(response.headers.map(\.name) == ["Set-Cookie", "Set-Cookie"])
    }

    @Test func chunkedResponseHasNoLength() {
        let headers = HTTPHeaders([("Content-Length", "5"), ("Transfer-Encoding", "chunked")])
        let response = HeaderRules.clientResponse(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))
        #expect(response.length == nil)
        #expect(response.headers.isEmpty)
    }

    @Test(arguments: [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x", false),
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x", true),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false), ("", false),
    ])
    func traceparent(text: String, isValid: Bool) {
        #expect(TraceContext.isValid(text) == isValid)
        var random = SplitMix(seed: 1)
        let trace = TraceContext(headers: [text], random: &random)
        #expect(trace.isContinued == isValid)
        #expect(TraceContext.isValid(trace.traceparent))
        let twice = TraceContext(headers: [text, text], random: &random)
        #expect(!twice.isContinued)
    }

    @Test func requestIdentifier() {
        var random = SplitMix(seed: 1)
        let kept = RequestIdentifier.of(headers: ["abc-1"], random: &random)
        #expect(kept == "abc-1")
        for bad in ["", "a b", "a\"b", String(repeating: "a", count: 129)] {
            let made = RequestIdentifier.of(headers: [bad], random: &random)
            #expect(made.utf8.count == 32)
        }
    }

    @Test func framing() throws {
        func framing(_ headers: [(String, String)], _ version: HTTPVersion = .http1_1) throws -> BodyFraming {
            try BodyFraming.ofRequest(HTTPRequestHead(version: version, method: .POST, uri: "/", headers: HTTPHeaders(headers)))
        }
        #expect(try framing([]) == .none)
        #expect(try framing([("Content-Length", "12")]) == .length(12))
        #expect(try framing([("Transfer-Encoding", "Chunked")]) == .chunked)
        for bad in [
            [("Content-Length", "+1")], [("Content-Length", "1, 1")], [("Content-Length", "1"), ("Content-Length", "1")],
            [("Content-Length", "")],
            [("Content-Length", "1"), ("Transfer-Encoding", "chunked")], [("Transfer-Encoding", "gzip, chunked")],
            [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
        ] {
            #expect(throws: Problem.self) { try framing(bad) }
        }
        #expect(throws: Problem.self) { try framing([("Transfer-Encoding", "chunked")], .http1_0) }
    }
}
