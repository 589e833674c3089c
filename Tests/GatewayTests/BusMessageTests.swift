import AMQP
import NIOCore
import NIOHTTP1
import Testing
import Topology

@testable import Gateway

struct BusMessageTests {
    private func request(_ method: HTTPMethod, _ uri: String, headers: [(String, String)] = []) throws -> AcceptedRequest {
        let routes = RouteTable([Route(path: "/files", target: .queue("FileBrowser", replyMode: .exclusive), rewrite: "/browse")])
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: HTTPHeaders([("Host", "a")] + headers))
        let admission = try Admission(of: head, routes: routes, limits: GatewayLimits())
        let forwarding = HeaderRules.Forwarding(host: "a", requestID: "r1", traceparent: "t1", isTraceContinued: true)
        let record = RequestRecord(method: "GET", path: uri, requestID: "r1", traceID: "", clientAddress: "", startedAt: .now())
        return AcceptedRequest(head: head, admission: admission, forwarding: forwarding, record: record)
    }

    @Test func queryBecomesTheBody() throws {
        let message = try BusMessage.request(
            try request(.GET, "/files/x?path=%2Fa+b%22&page=2&tag=1&tag=2&flag"), body: ByteBuffer(), deadline: 1234)
        #expect(String(decoding: message.body, as: UTF8.self) == #"{"path":"/a b\"","page":"2","tag":["1","2"],"flag":""}"#)
        #expect(message.properties.headers["http-method"] == .string("GET"))
        #expect(message.properties.headers["http-path"] == .string("/browse/x"))
        #expect(message.properties.headers["traceparent"] == .string("t1"))
        #expect(message.properties.headers["signalbox-deadline"] == .int(1234))
        #expect(message.properties.type == "request")
        #expect(message.properties.contentType == "application/json")
    }

    @Test func bodyPassesAsItIs() throws {
        let message = try BusMessage.request(
            try request(.POST, "/files", headers: [("Content-Type", "text/csv")]), body: ByteBuffer(string: "a;b"), deadline: 0)
        #expect(message.body == Array("a;b".utf8))
        #expect(message.properties.contentType == "text/csv")
    }

    @Test(arguments: ["a=%", "a=%f", "a=%ff", "%zz=1"])
    func brokenQueriesAreRefused(query: String) {
        #expect(throws: Problem.self) { try BusMessage.parameters(query) }
    }

    @Test func reply() throws {
        let head = try BusMessage.response(
            AMQPMessage(properties: AMQPProperties(contentType: "text/plain", headers: ["status": .int(404)]), body: Array("no".utf8)))
        #expect(head.status == .notFound)
        #expect(head.headers["content-type"] == ["text/plain"])
        #expect(head.length == 2)
        #expect(try BusMessage.response(AMQPMessage(properties: AMQPProperties(), body: [])).status == .ok)
    }

    @Test(arguments: [
        AMQPProperties(headers: ["status": .int(99)]), AMQPProperties(headers: ["status": .string("200")]),
        AMQPProperties(contentType: "a\r\nX-Injected: 1"), AMQPProperties(contentEncoding: "a\nb"),
    ])
    func repliesThatCannotBeResponses(properties: AMQPProperties) {
        #expect {
            try BusMessage.response(AMQPMessage(properties: properties, body: []))
        } throws: {
            ($0 as? Problem)?.status == .badGateway
        }
    }

    @Test(arguments: [
        (AMQPError.Code.unroutable("NO_ROUTE"), 503), (.notConnected, 503), (.blocked, 503), (.deadlineExceeded, 504), (.nacked, 503),
        (.protocolViolation, 502),
    ])
    func errors(code: AMQPError.Code, status: Int) {
        let problem = BusMessage.problem(AMQPError(code, ""), queue: "q", timeout: .seconds(1))
        #expect(Int(problem.status.code) == status)
        #expect(problem.headers.contains { $0.name == "Retry-After" } == (status == 503))
    }
}
