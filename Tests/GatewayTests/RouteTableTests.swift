import Testing
import Topology

@testable import Gateway

struct RouteTableTests {
    private func table(_ routes: Route...) -> RouteTable { RouteTable(routes) }

    private func route(_ path: String, _ methods: [String] = [], rewrite: String? = nil, to service: String = "x") -> Route {
        Route(path: path, methods: methods, target: .service(service), rewrite: rewrite)
    }

    private func service(_ match: RouteTable.Match) -> String? {
        guard case .route(let route) = match, case .service(let name) = route.route.target else { return nil }
        return name
    }

    @Test(arguments: [
        ("/order", "order"), ("/order/", "order"), ("/order/7", "order"), ("/order/7/items", "items"), ("/orders", "root"), ("/", "root"),
        ("/order/77/items", "order"), ("/ORDER", "root"), ("//order", "root"),
    ])
    func longestPrefixThatEndsAtASegmentWins(path: String, expected: String) {
        let table = table(route("/", to: "root"), route("/order", to: "order"), route("/order/7/items", to: "items"))
        #expect(service(table.match(method: "GET", path: path)) == expected)
    }

    @Test func unknownPathIsNotFound() {
        guard case .notFound = table(route("/order")).match(method: "GET", path: "/other/order") else {
            Issue.record("/other/order must not be found")
            return
        }
    }

    @Test func otherMethodsAreNamed() {
        let table = table(route("/order", ["POST"]), route("/order", ["GET"], to: "read"), route("/"))
        #expect(service(table.match(method: "GET", path: "/order/1")) == "read")
        #expect(service(table.match(method: "HEAD", path: "/order/1")) == "read")
        guard case .methodNotAllowed(let allow) = table.match(method: "DELETE", path: "/order/1") else {
            Issue.record("DELETE must not be allowed")
            return
        }
        #expect(allow == ["GET", "HEAD", "POST"])
    }

    @Test(arguments: [
        ("/order", "/api/order", "/order", "/api/order"), ("/order", "/api/order", "/order/7", "/api/order/7"),
        ("/order", "/", "/order/7", "/7"), ("/order", "/", "/order", "/"), ("/", "/api", "/7", "/api/7"), ("/", "/api/", "/", "/api/"),
        ("/order/", "/api/", "/order/7", "/api/7"),
    ])
    func rewriteTakesThePrefixsPlace(prefix: String, rewrite: String, path: String, expected: String) {
        #expect(CompiledRoute(route(prefix, rewrite: rewrite)).upstreamPath(for: path) == expected)
    }

    @Test func manySlashesCostNothing() {
        let table = table(route("/a/b"))
        guard case .route = table.match(method: "GET", path: "/a/b" + String(repeating: "/", count: 8000)) else {
            Issue.record("must match")
            return
        }
    }
}
