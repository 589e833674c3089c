import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import Topology

@testable import Gateway

struct CacheRulesTests {
    private func key(_ uri: String, method: HTTPMethod = .GET, headers: [(String, String)] = []) throws -> String? {
        let routes = RouteTable([
            Route(path: "/inventory", target: .service("inventory"), rewrite: "/api", cache: RouteCache(ttl: .seconds(30)))
        ])
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: HTTPHeaders([("Host", "Shop")] + headers))
        let admission = try Admission(of: head, routes: routes, limits: GatewayLimits())
        let forwarding = HeaderRules.Forwarding(host: "Shop", requestID: "", traceparent: "", isTraceContinued: true)
        let record = RequestRecord(method: "GET", path: uri, requestID: "", traceID: "", clientAddress: "", startedAt: .now())
        return CacheRules.key(of: AcceptedRequest(head: head, admission: admission, forwarding: forwarding, record: record), longest: 100)
    }

    @Test func equalRequestsShareAKey() throws {
        #expect(try key("/inventory/7") == "signalbox:cache:entry:/inventory:shop /api/7")
        #expect(try key("/inventory/7?b=2&a=1") == key("/inventory/%37?a=1&b=2"))
        #expect(try key("/inventory?a=2&a=1") != key("/inventory?a=1&a=2"))
        #expect(try key("/inventory?a=1") != key("/inventory"))
    }

    @Test func whatGoesPastTheCache() throws {
        #expect(try key("/inventory", method: .POST) == nil)
        #expect(try key("/inventory", method: .HEAD) == nil)
        #expect(try key("/inventory?" + String(repeating: "a", count: 100)) == nil)
        for header in [
            ("Authorization", "Bearer x"), ("Range", "bytes=0-1"), ("Cache-Control", "max-age=0, no-store"), ("Pragma", "no-cache"),
            ("Content-Length", "2"),
        ] {
            #expect(try key("/inventory", headers: [header]) == nil, "\(header.0)")
        }
    }

    @Test(
        arguments: [
            ([], 30), ([("Cache-Control", "max-age=5")], 5), ([("Cache-Control", "public, S-MaxAge=60")], 30),
            ([("Cache-Control", "no-store")], nil),
            ([("Cache-Control", "Private")], nil), ([("Cache-Control", "private=\"x\"")], nil), ([("Cache-Control", "no-cache")], nil),
            ([("Cache-Control", "max-age=0")], nil), ([("Cache-Control", "max-age=x")], nil), ([("Set-Cookie", "a=b")], nil),
            ([("Vary", "Origin")], nil),
        ] as [([(String, String)], Int?)])
    func howLongAResponseIsKept(headers: [(String, String)], seconds: Int?) {
        let head = ResponseHead(status: .ok, headers: HTTPHeaders(headers), length: nil)
        #expect(CacheRules.timeToLive(of: head, rule: RouteCache(ttl: .seconds(30))) == seconds.map { .seconds($0) })
        let missing = ResponseHead(status: .notFound, headers: HTTPHeaders(headers), length: nil)
        #expect(CacheRules.timeToLive(of: missing, rule: RouteCache(ttl: .seconds(30))) == nil)
    }

    @Test func entriesSurviveTheirEncoding() throws {
        let entry = CacheEntry(
            generations: ["7", "123456789"], storedAt: 42, headers: HTTPHeaders([("Content-Type", "text/plain"), ("ETag", "\"x\"")]),
            body: ByteBuffer(bytes: [0, 1, 255]))
        let bytes = entry.encoded()
        #expect(CacheEntry(decoding: bytes) == entry)
        for length in 0..<bytes.count - 3 { #expect(CacheEntry(decoding: Array(bytes.prefix(length))) == nil) }
        #expect(CacheEntry(decoding: [9] + bytes.dropFirst()) == nil)
        #expect(CacheEntry(decoding: [1] + [UInt8](repeating: 255, count: 40)) == nil)
    }

    @Test func onlyOneOfEqualRequestsLeads() {
        let flights = SingleFlight()
        let key = SingleFlight.Key(key: "k", generations: ["1"])
        let outcomes = Mutex<[String]>([])
        func join(_ key: SingleFlight.Key) -> SingleFlight.Role {
            flights.join(key) { outcome in
                outcomes.withLock {
                    switch outcome {
                    case .entry(let entry): $0.append(String(buffer: entry.body))
                    case .uncacheable: $0.append("uncacheable")
                    case .refused: $0.append("refused")
                    case .abandoned: $0.append("abandoned")
                    }
                }
            }
        }
        #expect(join(key) == .leader)
        #expect(join(key) == .follower)
        #expect(join(SingleFlight.Key(key: "k", generations: ["2"])) == .leader)
        flights.settle(key, .entry(CacheEntry(generations: ["1"], storedAt: 0, headers: HTTPHeaders(), body: ByteBuffer(string: "body"))))
        #expect(join(key) == .follower)
        #expect(outcomes.withLock { $0 } == ["body", "body"])
        flights.forget(key)
        #expect(join(key) == .leader)
        #expect(join(key) == .follower)
        flights.settle(key, .abandoned)
        #expect(join(key) == .leader)
        #expect(outcomes.withLock { $0 } == ["body", "body", "abandoned"])
    }
}
