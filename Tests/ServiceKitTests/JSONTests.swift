import Foundation
@testable import ServiceKit
import Testing

struct JSONTests {
    private struct Order: Decodable {
        struct Item: Decodable { var quantity: Int }
        var items: [Item]
        var note: String?
    }

    @Test(arguments: [
        (#"{"items": [{"quantity": 1}, {"quantity": "two"}]}"#, "items[1].quantity: expected a whole number"),
        (#"{"items": [{}]}"#, "items[0].quantity is missing"),
        (#"{"items": null}"#, "items: expected"),
        ("", "The body is empty"),
        (#"{"items": ["#, "The body is not JSON"),
    ])
    func mistakesHaveAPlace(json: String, message: String) {
        do {
            _ = try JSON.decode(Order.self, from: Data(json.utf8))
            Issue.record("accepted")
        } catch {
            let problem = error as? ServiceProblem
            #expect(problem?.status.code == 400)
            #expect(problem?.detail?.contains(message) == true, "\(problem?.detail ?? "")")
        }
    }

    @Test func timesHaveMicroseconds() throws {
        let date = Timestamp(microseconds: 1_795_262_400_123_456).date
        let text = String(decoding: try JSON.encoder().encode([date]), as: UTF8.self)
        #expect(text == #"["2026-11-21T12:00:00.123456Z"]"#)
        #expect(try JSON.decode([Date].self, from: Data(text.utf8)) == [date])
    }

    @Test func parametersAreThePlainFieldsOfAnObject() {
        let parameters = BusParameters.of(
            Array(#"{"path": "a b", "page": 2, "all": true, "tags": ["x", "y"], "deep": {"a": 1}, "none": null}"#.utf8))
        #expect(parameters == ["path": "a b", "page": "2", "all": "true", "tags": "y"])
        #expect(BusParameters.of([1, 2, 3]) == [:])
        #expect(BusParameters.of([]) == [:])
    }

    @Test func problemDocuments() throws {
        let reply = BusReply.problem(status: 404, title: "Not found", detail: "There is no x.")
        #expect(reply.status == 404)
        #expect(reply.contentType == "application/problem+json")
        #expect(
            String(decoding: reply.body, as: UTF8.self)
                == #"{"detail":"There is no x.","status":404,"title":"Not found","type":"about:blank"}"#)
    }
}
