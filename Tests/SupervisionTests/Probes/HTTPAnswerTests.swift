@testable import Supervision
import Testing

@Suite struct HTTPAnswerTests {
    private func judge(_ text: String, isClosed: Bool = false) -> ProbeAnswer? {
        HTTPAnswer.judge(Array(text.utf8), isClosed: isClosed, to: "/x")
    }

    @Test(arguments: [200, 204, 302, 399]) func anyStatusFrom200To399IsAYes(status: Int) {
        #expect(judge("HTTP/1.1 \(status) Fine\r\nContent-Length: 0\r\n\r\n") == .success)
    }

    @Test func theEndOfAnAnswerIsKnown() {
        let whole = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
        for length in 1..<whole.utf8.count {
            #expect(HTTPAnswer.judge(Array(whole.utf8.prefix(length)), isClosed: false, to: "/x") == nil, "\(length)")
        }
        #expect(judge(whole) == .success)
        #expect(judge("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n") == nil)
        #expect(judge("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n") == .success)
        #expect(judge("HTTP/1.0 200 OK\r\n\r\nhello") == nil)
        #expect(judge("HTTP/1.0 200 OK\r\n\r\nhello", isClosed: true) == .success)
        #expect(judge("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == .success)
        #expect(judge("HTTP/1.1 304 Not Modified\r\n\r\n") == .success)
    }

    @Test func interimAnswersAreBounded() {
        let interim = "HTTP/1.1 103 Early Hints\r\n\r\n"
        let final = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        let most = String(repeating: interim, count: HTTPAnswer.maximumInterimAnswers)
        #expect(judge(most) == nil)
        #expect(judge(most + final) == .success)
        #expect(judge(most + interim + final) == .failure("GET /x: more than 8 interim answers (1xx)"))
        #expect(judge(String(repeating: interim, count: 100_000)) == .failure("GET /x: more than 8 interim answers (1xx)"))
    }

    @Test func aRefusalIsShown() {
        #expect(
            judge("HTTP/1.1 503 Unavailable\r\nContent-Length: 7\r\n\r\nnot yet") == .failure("GET /x answered 503: not yet"))
        #expect(judge("HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n") == .failure("GET /x answered 500"))
        let long = String(repeating: "é", count: 500)
        guard case .failure(let text) = judge("HTTP/1.1 404 No\r\nContent-Length: 1000\r\n\r\n\(long)") else {
            Issue.record("not a failure")
            return
        }
        #expect(text.count < 300)
    }

    @Test(arguments: ["SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1\r\n\r\n", "\0\0\0\0"])
    func whatIsNoHTTPIsNoYes(text: String) {
        #expect(judge(text) == .failure("GET /x: no HTTP answer"))
    }

    @Test func aConnectionThatEndsEarlyIsNoYes() {
        #expect(judge("", isClosed: true) == .failure("GET /x: the connection was closed before an answer came"))
        #expect(judge("HTTP/1.1 200", isClosed: true) == .failure("GET /x: the connection was closed before an answer came"))
        #expect(
            judge("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", isClosed: true)
                == .failure("GET /x: the connection was closed before its answer was whole"))
    }

    @Test func anAnswerWithoutEndIsRead() {
        let endless = String(repeating: "x", count: ProbeQuestion.maximumAnswer)
        #expect(judge("HTTP/1.1 200 OK\r\n\r\n\(endless)") == .success)
        #expect(judge("HTTP/1.1 200 OK\r\nX: \(endless)") == .failure("GET /x: the answer's head is too long"))
    }

    @Test func noBytesAreATrap() {
        var generator = SeededGenerator(seed: 1)
        let alphabet = Array("HTTP/1.1 200\r\n\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n0".utf8) + [0, 255]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...60, using: &generator)
            var bytes = (0..<count).compactMap { _ in alphabet.randomElement(using: &generator) }
            if Bool.random(using: &generator) { bytes = Array("HTTP/1.1 200 OK\r\n".utf8) + bytes }
            _ = HTTPAnswer.judge(bytes, isClosed: Bool.random(using: &generator), to: "/")
            for question in [ProbeQuestion.amqp, .postgres, .redis] { _ = question.judge(bytes, Bool.random(using: &generator)) }
        }
    }
}
