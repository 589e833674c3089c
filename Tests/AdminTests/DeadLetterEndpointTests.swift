import DeadLetters
import Foundation
import HTTPClient
import Testing

@testable import Admin

@Suite struct DeadLetterEndpointTests {
    @Test func lettersAreAsked() async throws {
        try await RunningAdmin.with { admin in
            try await admin.expect(200, "GET", "/v1/dead-letter-groups?queue=order.events&cause=no%20stock")
            try await admin.expect(200, "GET", "/v1/dead-letters?queue=order.events&group=0a&offset=3&limit=7")
            try await admin.expect(400, "GET", "/v1/dead-letters?limit=0")
            let letter = try await admin.send("GET", "/v1/dead-letters/-/letters/a%2Fb~1")
            #expect(try JSONDecoder().decode(DeadLetterDetail.self, from: Data(letter.body)) == FakeDeadLetters.detail)
            let expected = ["overview order.events no stock", "letters order.events 0a 3 7", "letter any a/b~1"]
            #expect(admin.control.letters.calls == expected)
        }
    }

    @Test func lettersAreEdited() async throws {
        try await RunningAdmin.with { admin in
            let path = "/v1/dead-letters/order.events/letters/7/body"
            try await admin.expect(200, "PUT", path, body: #"{"body": "ab"}"#)
            try await admin.expect(200, "PUT", path, body: #"{"body": "AP8=", "is_base64": true, "check": false}"#)
            try await admin.expect(400, "PUT", path, body: #"{"body": "!", "is_base64": true}"#)
            try await admin.expect(400, "PUT", path)
            try await admin.expect(200, "DELETE", path)
            // Larger than other bodies may be.
            try await admin.expect(200, "PUT", path, body: #"{"body": "\#(String(repeating: " ", count: 100 << 10))"}"#)
            let expected = [
                "edit order.events 7 [97, 98] true by admin token", "edit order.events 7 [0, 255] false by admin token",
                "revert order.events 7",
            ]
            #expect(Array(admin.control.letters.calls.prefix(3)) == expected)
        }
    }

    @Test func lettersAreSentBackAndDiscarded() async throws {
        try await RunningAdmin.with { admin in
            let path = "/v1/dead-letters/order.events"
            let answer = try await admin.send("POST", path + "/replay")
            #expect(answer.status == 202)
            #expect(answer.json["replayed"] as? Int == 3)
            try await admin.expect(200, "POST", path + "/replay?dry_run&force=true&limit=5", body: #"{"ids": ["7", "8"]}"#)
            try await admin.expect(400, "POST", path + "/replay", body: #"{"limit": 0}"#)
            try await admin.expect(200, "GET", "/v1/replays/r")
            try await admin.expect(200, "POST", path + "/discard?dry_run=1", body: #"{"all": true}"#)
            let expected = [
                "replay order.events [] 0  ", #"replay order.events ["7", "8"] 5 forced dry"#, "replay r", "discard order.events true dry",
            ]
            #expect(admin.control.letters.calls == expected)
        }
    }

    @Test(arguments: [
        (DeadLetterError.Code.notFound, 404), (.unknownQueue, 404), (.conflict, 409), (.invalid, 400), (.notReady, 503), (.broker, 502),
        (.stateDirectory, 500),
    ])
    func whatCannotBeDoneIsSaid(code: DeadLetterError.Code, status: Int) async throws {
        try await RunningAdmin.with { admin in
            admin.control.letters.set(DeadLetterError(code, "why"))
            let answer = try await admin.send("POST", "/v1/dead-letters/order.events/discard")
            #expect(answer.status == status)
            #expect(answer.json["detail"] as? String == "why")
        }
    }
}
