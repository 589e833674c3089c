import NIOCore

/// Answers with a problem once the request's small body has been read to its end and thrown away.
final class RefusedExchange: Exchange {
    private let problem: Problem
    private let sink: any ResponseSink
    private var bytesLeft: Int

    /// - Parameter longest: bytes of a body beyond which the answer does not wait for its end.
    init(_ problem: Problem, longest: Int, sink: any ResponseSink) {
        self.problem = problem
        self.sink = sink
        bytesLeft = longest
    }

    func begin() {}

    func requestBody(_ bytes: ByteBuffer) {
        guard bytesLeft >= 0 else { return }
        bytesLeft -= bytes.readableBytes
        if bytesLeft < 0 { sink.refuse(problem) }
    }

    func requestEnded() {
        guard bytesLeft >= 0 else { return }
        bytesLeft = -1
        sink.refuse(problem)
    }

    var wantsRequestBody: Bool { true }
    func clientBecameWritable() {}
    func clientGone() { bytesLeft = -1 }
    func timedOut() { requestEnded() }
}
