import HTTPClient
import Testing
import TestSupport

/// `signalbox trace` on a real order.
@Suite struct TraceTests {
    @Test func theWholeWayOfAnOrderIsOneTree() async throws {
        let shop = try await RunningShop.shared()
        let id = try await shop.placeOrder(email: "trace@example.com")
        #expect(try await shop.end(of: id)["status"].string == "confirmed")
        var spans: [JSON] = []
        // The mail is the last to come, and spans are written every 50 ms.
        try await eventually("the whole tree") {
            let result = try await shop.signalbox("trace", id, "--json")
            guard result.status == 0 else { return false }
            spans = try JSON(parsing: result.output)["traces"].array.first?["spans"].array ?? []
            return spans.contains { $0["service"].string == "notification" && $0["name"].string?.hasPrefix("process ") == true }
        }
        #expect(spans.first?["service"].string == "gateway" && spans.first?["name"].string == "POST /order")
        #expect(
            Set(spans.compactMap { $0["service"].string }).isSuperset(of: ["gateway", "order", "inventory", "payment", "notification"]))
        // Each event stands below what published it, and its handlers below it.
        let chain = ["order.created", "inventory.reserved", "payment.success", "inventory.updated", "order.confirmed"]
        var last = 0
        for event in chain {
            let published = try #require(spans.first { $0["name"].string == "publish \(event)" }, "\(event)")
            let place = try #require(published["depth"].int)
            #expect(place > last, "\(event)")
            #expect(published["attributes"]["signalbox.subject"].string == id)
            last = place
        }
        #expect(spans.contains { $0["name"].string?.hasPrefix("INSERT ") == true && $0["service"].string == "order" })
        let known = Set(spans.compactMap { $0["span_id"].string })
        for span in spans.dropFirst() { #expect(known.contains(span["parent_id"].string ?? ""), "\(span)") }

        let text = try await shop.signalbox("trace", id)
        #expect(text.status == 0 && text.output.contains("POST /order") && !text.output.contains("\u{1B}"), "\(text)")
        let nothing = try await shop.signalbox("trace", "no-such-order")
        #expect(nothing.status == 1 && nothing.errors.contains("No trace of 'no-such-order'"), "\(nothing)")
    }
}
