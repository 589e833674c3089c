import Foundation
import ServiceKit
import Testing

@testable import ShopServices

@Suite struct OrderRequestTests {
    private func request(_ json: String) throws -> OrderRequest {
        try JSONDecoder().decode(OrderRequest.self, from: Data(json.utf8))
    }

    @Test func takesTheSmallestOrder() throws {
        try request(#"{"product_id": 1, "quantity": 2, "user_id": 100}"#).validate()
    }

    @Test func ignoresFieldsItDoesNotKnow() throws {
        try request(#"{"product_id": 1, "quantity": 2, "user_id": 100, "gift": true}"#).validate()
    }

    @Test(arguments: [
        (#"{"product_id": 0, "quantity": 2, "user_id": 100}"#, "product_id"),
        (#"{"product_id": 1, "quantity": 0, "user_id": 100}"#, "quantity"),
        (#"{"product_id": 1, "quantity": 1001, "user_id": 100}"#, "quantity"),
        (#"{"product_id": 1, "quantity": 2, "user_id": -1}"#, "user_id"),
        (#"{"product_id": 1, "quantity": 2, "user_id": 1, "card": "4242424242424242"}"#, "card"),
        (#"{"product_id": 1, "quantity": 2, "user_id": 1, "email": "a@b\nBcc: c@d.example"}"#, "email"),
    ])
    func refusesWhatCannotBe(json: String, field: String) throws {
        let problem = #expect(throws: ServiceProblem.self) { try request(json).validate() }
        #expect(problem?.status.code == 422)
        #expect(problem?.detail?.contains(field) == true)
    }

    @Test func namesEveryMistakeAtOnce() throws {
        let problem = #expect(throws: ServiceProblem.self) {
            try request(#"{"product_id": 0, "quantity": 0, "user_id": 0}"#).validate()
        }
        for field in ["product_id", "quantity", "user_id"] { #expect(problem?.detail?.contains(field) == true) }
    }

    @Test(arguments: ["ada@example.com", "a.b+c@mail.example.org"])
    func knowsAnAddress(text: String) {
        #expect(EmailAddress.isValid(text))
    }

    @Test(arguments: [
        "", "ada", "@example.com", "ada@", "ada@example", "a b@example.com", "<ada@example.com>", "a@b@example.com", "ada@-x.com",
        "ada@x..com",
    ])
    func knowsWhatIsNoAddress(text: String) {
        #expect(!EmailAddress.isValid(text))
    }
}
