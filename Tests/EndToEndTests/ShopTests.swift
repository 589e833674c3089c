import Foundation
import HTTPClient
import Testing
import TestSupport

/// The shop's other services, by HTTP, on real servers.
@Suite struct ShopTests {
    @Test func theInventoryIsCachedAndNeverStaleAfterAnOrder() async throws {
        let shop = try await RunningShop.shared()
        try await eventually("a cached answer") { try await shop.get("/inventory/TEA-ASSAM").header("X-Cache") == "hit" }
        for _ in 1...5 {
            let before = try #require(try JSON(try await shop.get("/inventory/TEA-ASSAM"))["sold"].int)
            _ = try await shop.end(of: try await shop.placeOrder(product: 1, quantity: 3))
            let after = try #require(try JSON(try await shop.get("/inventory/TEA-ASSAM"))["sold"].int)
            // Other tests sell tea at the same time.
            #expect(after >= before + 3)
        }
    }

    @Test func theWholeInventoryIsListed() async throws {
        let products = try JSON(try await RunningShop.shared().get("/inventory"))["products"].array
        #expect(products.count == 5)
        #expect(try await RunningShop.shared().get("/inventory/NONE").status == 404)
    }

    @Test func aUserRegistersLogsInAndReads() async throws {
        let shop = try await RunningShop.shared()
        let email = "user-\(UUID().uuidString.lowercased())@example.com"
        let account = #"{"email": "\#(email)", "name": "Ada", "password": "correct horse battery"}"#
        let registered = try await shop.post("/users", account)
        #expect(registered.status == 201)
        #expect(!registered.text.contains("battery") && !registered.text.contains("argon2"))
        #expect(try await shop.post("/users", account).status == 409)
        #expect(try await shop.post("/login", #"{"email": "\#(email)", "password": "wrong"}"#).status == 401)
        let login = try JSON(try await shop.post("/login", #"{"email": "\#(email)", "password": "correct horse battery"}"#))
        let token = try #require(login["token"].string)
        let me = try await shop.get("/users/me", headers: [("Authorization", "Bearer \(token)")])
        #expect(me.status == 200)
        #expect(try JSON(me)["email"].string == email)
        #expect(try await shop.get("/users/me").status == 401)
        #expect(try await shop.get("/users/me", headers: [("Authorization", "Bearer \(token)x")]).status == 401)

        // The address that the user registered with gets the order's mail.
        let userID = try #require(try JSON(me)["user_id"].int)
        _ = try await shop.end(of: try await shop.placeOrder(user: userID))
        try await eventually("the mail to the registered address") { shop.smtp.mails(to: email).count == 1 }
    }

    @Test func analyticsCountWhatHappened() async throws {
        let shop = try await RunningShop.shared()
        func kettles() async throws -> JSON {
            try JSON(try await shop.get("/analytics/summary"))["by_product"].array.first { $0["product_id"].int == 900 } ?? .null
        }
        // A product of this test's own: nobody has it, so every order is rejected.
        for _ in 1...3 { _ = try await shop.end(of: try await shop.placeOrder(product: 900)) }
        try await eventually("the counts") { try await kettles()["rejected"].int == 3 }
        #expect(try await kettles()["orders"].int == 3)
        #expect(try await kettles()["revenue_cents"].int == 0)
        let summary = try JSON(try await shop.get("/analytics/summary"))
        #expect(summary["by_day"].array.first?["day"].string?.count == 10)
        #expect(summary["total"]["orders"].int ?? 0 >= 3)
        let today = summary["by_day_and_product"].array.filter { $0["product_id"].int == 900 }
        #expect(today.reduce(0) { $0 + ($1["rejected"].int ?? 0) } == 3)
    }

    @Test func filesAreListedAndReadOverTheBus() async throws {
        let shop = try await RunningShop.shared()
        let listing = try JSON(try await shop.get("/files?path="))
        #expect(listing["entries"].array.compactMap { $0["name"].string } == ["README.txt", "products.csv", "reports"])
        let page = try JSON(try await shop.get("/files/csv?path=products.csv&page=2"))
        #expect(page["header"].array.first?.string == "product_id")
        #expect(page["rows"].array.count == 40 && page["rows"].array.first?.array.first?.string == "51")
    }

    @Test(arguments: ["../", "..%2f..", "/etc", "reports/../../state", "%2e%2e/state", "outside", "outside/passwd"])
    func nothingOutsideTheRootIsReached(path: String) async throws {
        let shop = try await RunningShop.shared()
        try? FileManager.default.createSymbolicLink(atPath: shop.folder + "/files/reports/outside", withDestinationPath: "/etc")
        for prefix in ["", "reports/"] {
            let listing = try await shop.get("/files?path=\(prefix)\(path)")
            #expect((400..<500).contains(listing.status), "\(listing.text)")
            let csv = try await shop.get("/files/csv?path=\(prefix)\(path)/passwd")
            #expect((400..<500).contains(csv.status), "\(csv.text)")
            #expect(!csv.text.contains("root:"))
        }
    }

    @Test func whatNoRouteTakesIsAProblemDocument() async throws {
        let shop = try await RunningShop.shared()
        let missing = try await shop.get("/nowhere")
        #expect(missing.status == 404 && missing.header("Content-Type") == "application/problem+json")
        let wrong = try await shop.post("/inventory", "{}")
        #expect(wrong.status == 405 && wrong.header("Allow")?.contains("GET") == true)
    }
}
