import NIOHTTP1
import Testing

@testable import Gateway

struct RequestTargetTests {
    @Test(arguments: [
        ("/order/7", "/order/7", nil), ("/order/7?a=1&b=%2f", "/order/7", "a=1&b=%2f"), ("/%6frder", "/order", nil),
        ("/a%20b%c3%a9", "/a%20b%C3%A9", nil),
        ("/a?", "/a", ""), ("/a?b?c", "/a", "b?c"), ("/...", "/...", nil), ("/.well-known/x", "/.well-known/x", nil),
        ("/a//b", "/a//b", nil),
    ])
    func canonicalForm(target: String, path: String, query: String?) throws {
        #expect(try RequestTarget(parsing: target, longest: 100) == RequestTarget(path: path, query: query))
    }

    @Test func absoluteForm() throws {
        #expect(
            try RequestTarget(parsing: "http://shop.example:8080/order?x", longest: 100)
                == RequestTarget(path: "/order", query: "x", authority: "shop.example:8080"))
        #expect(try RequestTarget(parsing: "HTTP://shop.example", longest: 100) == RequestTarget(path: "/", authority: "shop.example"))
    }

    @Test(arguments: [
        "", "order", "*", "/a b", "/a\r\nb", "/a\0b", "/é", "/a#b", "/a\\b", "/%", "/%4", "/%zz", "/%00", "/%0d%0a", "/%7f", "/a%2fb",
        "/a%2Fb", "/a%5cb",
        "/..", "/../a", "/a/..", "/a/../b", "/a/./b", "/%2e%2e/a", "/.%2E/a", "/%2e/a", "/a/..;x/b", "/a/%2e%2e;x",
    ])
    func ambiguousTargetsAreRefused(target: String) {
        #expect {
            try RequestTarget(parsing: target, longest: 100)
        } throws: {
            ($0 as? Problem)?.status == .badRequest
        }
    }

    @Test func longTargetIsRefused() {
        #expect {
            try RequestTarget(parsing: "/" + String(repeating: "a", count: 100), longest: 100)
        } throws: {
            ($0 as? Problem)?.status == .uriTooLong
        }
    }
}
