import HTTPClient
import Testing
import TestSupport

/// The shop's main job, by HTTP, on real servers.
@Suite struct OrderTests {
    @Test func anOrderIsConfirmedByWayOfItsEvents() async throws {
        let shop = try await RunningShop.shared()
        let response = try await shop.post("/order", #"{"product_id": 1, "quantity": 2, "user_id": 100}"#)
        #expect(response.status == 202)
        let id = try #require(try JSON(response)["order_id"].string)
        #expect(response.header("Location") == "/order/\(id)")
        let order = try await shop.end(of: id)
        #expect(order["status"].string == "confirmed")
        #expect(order["total_cents"].int == 2580)
        let history = order["history"].array
        #expect(
            history.map { $0["event"].string } == [
                "order.created", "inventory.reserved", "payment.success", "inventory.updated", "order.confirmed",
            ])
        let times = history.compactMap { $0["time"].string }
        #expect(times.count == 5 && times == times.sorted())
    }

    @Test func apiOrdersDoesTheSame() async throws {
        let shop = try await RunningShop.shared()
        let response = try await shop.post("/api/orders", #"{"product_id": 1, "quantity": 1, "user_id": 101}"#)
        #expect(response.status == 202)
        let id = try #require(try JSON(response)["order_id"].string)
        #expect(try await shop.end(of: id)["status"].string == "confirmed")
    }

    @Test func aDeclinedCardReleasesTheStockAndMails() async throws {
        let shop = try await RunningShop.shared()
        let id = try await shop.placeOrder(product: 5, card: "pm_card_declined", email: "declined@example.com")
        let order = try await shop.end(of: id)
        #expect(order["status"].string == "cancelled")
        #expect(order["reason"].string == "the card was declined")
        #expect(
            order["history"].array.map { $0["event"].string }
                == ["order.created", "inventory.reserved", "payment.failed", "inventory.released", "order.cancelled"])
        let tin = try JSON(try await shop.get("/inventory/TIN-BLUE"))
        #expect(tin["reserved"].int == 0 && tin["sold"].int == 0 && tin["available"].int == 5000)
        try await expectOneMail(to: "declined@example.com", containing: "was cancelled", in: shop)
    }

    @Test func anAmountOverTheLimitIsDeclined() async throws {
        let shop = try await RunningShop.shared()
        let order = try await shop.end(of: try await shop.placeOrder(product: 4))
        #expect(order["status"].string == "cancelled")
        #expect(order["reason"].string?.contains("limit") == true)
    }

    @Test func anOrderWithoutStockIsRejectedAndChargesNothing() async throws {
        let shop = try await RunningShop.shared()
        let id = try await shop.placeOrder(product: 3, email: "rejected@example.com")
        let order = try await shop.end(of: id)
        #expect(order["status"].string == "rejected")
        #expect(order["history"].array.map { $0["event"].string } == ["order.created", "inventory.rejected", "order.rejected"])
        try await expectOneMail(to: "rejected@example.com", containing: "Nothing was charged", in: shop)
    }

    @Test func theCustomerGetsOneMailBySMTP() async throws {
        let shop = try await RunningShop.shared()
        let id = try await shop.placeOrder(email: "confirmed@example.com")
        #expect(try await shop.end(of: id)["status"].string == "confirmed")
        try await expectOneMail(to: "confirmed@example.com", containing: id, in: shop)
    }

    @Test func twoHundredOrdersForTheLastTenPiecesSellTen() async throws {
        let shop = try await RunningShop.shared()
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for user in 1...200 { group.addTask { try await shop.placeOrder(product: 2, user: user) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(ids).count == 200)
        var ends: [String: Int] = [:]
        for id in ids { ends[try await shop.end(of: id, within: .seconds(60))["status"].string ?? "", default: 0] += 1 }
        #expect(ends == ["confirmed": 10, "rejected": 190])
        let cup = try JSON(try await shop.get("/inventory/CUP-LAST10"))
        #expect(cup["available"].int == 0 && cup["reserved"].int == 0 && cup["sold"].int == 10)
    }

    @Test(arguments: [
        ("{", 400), (#"{"product_id": "x", "quantity": 1, "user_id": 1}"#, 400), (#"{"product_id": 1, "quantity": 0, "user_id": 1}"#, 422),
    ])
    func aBadOrderIsRefusedWithAProblemDocument(json: String, status: Int) async throws {
        let response = try await RunningShop.shared().post("/order", json)
        #expect(response.status == status)
        #expect(response.header("Content-Type")?.hasPrefix("application/problem+json") == true)
    }

    @Test func anUnknownOrderIsNotFound() async throws {
        #expect(try await RunningShop.shared().get("/order/6f9619ff-8b86-d011-b42d-00cf4fc964ff").status == 404)
        #expect(try await RunningShop.shared().get("/order/1").status == 404)
    }

    private func expectOneMail(to recipient: String, containing text: String, in shop: RunningShop) async throws {
        try await eventually("the mail to \(recipient)") { !shop.smtp.mails(to: recipient).isEmpty }
        let mails = shop.smtp.mails(to: recipient)
        #expect(mails.count == 1)
        #expect(mails.allSatisfy { $0.contains(text) })
    }
}
