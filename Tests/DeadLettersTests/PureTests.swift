import AMQP
import TestSupport
import Testing

@testable import DeadLetters

@Suite struct CausePatternTests {
    @Test(arguments: [
        ("no stock for order 7f3a-11, 4 wanted (HTTP 503)", "no stock for order #, # wanted (HTTP 503)"),
        ("timeout after 30s.", "timeout after #."), ("", ""), ("plain words only", "plain words only"), ("two\nlines", "two lines"),
    ])
    func idsAndNumbersAreOne(cause: String, pattern: String) {
        #expect(CausePattern.of(cause) == pattern)
    }
}

@Suite struct LetterTimeTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-21T13:42:05.157072Z", 1_795_268_525), ("2024-02-29T23:59:59Z", 1_709_251_199),
        ("2026-11-21T14:42:05+01:00", 1_795_268_525), ("2000-03-01T00:00:00Z", 951_868_800),
    ])
    func itIsReadToTheSecond(text: String, seconds: Int64) {
        #expect(LetterTime.seconds(text) == seconds)
    }

    @Test(arguments: [
        "", "yesterday", "2026-13-01T00:00:00Z", "2026-11-21", "2026-11-21T13:42:05", "2026-11-21T13:42:05Zx", "2026-11-21T13:42:05+1",
    ])
    func nonsenseIsNone(text: String) {
        #expect(LetterTime.seconds(text) == nil)
    }

    @Test func textComesBack() {
        #expect(LetterTime.seconds(LetterTime.text(1_795_268_525)) == 1_795_268_525)
    }
}

@Suite struct MessageCodingTests {
    @Test func aMessageComesBackWhole() {
        let headers: [String: AMQPValue] = [
            "null": .null, "bool": true, "int": -5, "double": 1.5, "text": "grün", "bytes": .bytes([0, 255]), "time": .timestamp(7),
            "array": .array([1, "two", .array([])]), "table": .table(["inner": .table([:])]),
        ]
        let message = AMQPMessage(
            properties: AMQPProperties(
                messageID: "1", correlationID: "c", replyTo: "r", type: "t", contentType: "application/json", contentEncoding: "gzip",
                appID: "a", userID: "u", expiration: .milliseconds(1500), timestamp: 9, priority: 3, isPersistent: false, headers: headers),
            body: [1, 2, 3])
        #expect(MessageCoding.decode(MessageCoding.encode(message)) == message)
        #expect(MessageCoding.decode(MessageCoding.encode(AMQPMessage())) == AMQPMessage())
    }

    @Test func brokenBytesAreNoMessage() {
        let bytes = MessageCoding.encode(AMQPMessage.dead("1"))
        for count in 0..<bytes.count { #expect(MessageCoding.decode(Array(bytes.prefix(count))) == nil) }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var broken = bytes
            broken[Int.random(in: broken.indices, using: &generator)] = .random(in: .min ... .max, using: &generator)
            _ = MessageCoding.decode(broken)
        }
    }
}

@Suite struct ContentHashTests {
    @Test func deliveriesOfOneMessageAreTheSame() {
        var again = AMQPMessage.dead("1")
        again.properties.headers["x-delivery-count"] = 7
        #expect(ContentHash.of(again) == ContentHash.of(.dead("1")))
    }

    @Test func whatDiffersIsToldApart() {
        var replayed = AMQPMessage.dead("1")
        replayed.properties.headers["signalbox-replay"] = "r"
        #expect(ContentHash.of(replayed) != ContentHash.of(.dead("1")))
        #expect(ContentHash.of(.dead("1", body: "{} ")) != ContentHash.of(.dead("1")))
        #expect(ContentHash.of(.dead("1", cause: "other")) != ContentHash.of(.dead("1")))
    }
}

@Suite struct DeathExplanationTests {
    @Test(arguments: ["rejected", "expired", "maxlen", "delivery_limit", "something new"])
    func theBrokersOwnDeathsAreExplained(reason: String) throws {
        let death: AMQPValue = .table([
            "reason": .string(reason), "queue": "payment.orders", "count": 1, "time": .timestamp(1_700_000_000),
            "routing-keys": .array(["order.created"]),
        ])
        let explanation = try #require(DeathExplanation(["x-death": .array([death])]))
        #expect(explanation.explanation.contains("payment.orders") || reason == "something new")
        let reading = LetterReading(AMQPMessage(properties: AMQPProperties(headers: ["x-death": .array([death])])))
        #expect(reading.cause == explanation.cause)
        #expect(reading.firstFailedAt == 1_700_000_000)
        #expect(reading.type == "order.created")
    }

    @Test(arguments: [AMQPValue.null, .array([]), .array(["no table"]), .array([.table([:])])])
    func nonsenseIsNone(value: AMQPValue) {
        #expect(DeathExplanation(["x-death": value]) == nil)
    }
}

@Suite struct DeadLetterIndexTests {
    @Test func copiesShareAKeyAndOthersAreToldApart() throws {
        var index = DeadLetterIndex()
        for (id, content) in [("a", 1), ("b", 1), ("a", 2), ("", 3)] as [(String, UInt64)] {
            index.append(.test(id, content: content, place: nil))
        }
        #expect(index.entries.map(index.id(of:)) == ["a~00000000", "b", "a~00000000", "~00000000"])
        #expect(index.entries(id: "a").count == 2)
        #expect(index.entries(id: "b").count == 1)
        #expect(index.entries(id: "c").isEmpty)
        #expect(index.entries(id: "b~00000000").count == 1)
        #expect(throws: DeadLetterError.self) { try DeadLetterSelection.keys(of: "a", in: index, queue: "q") }
        index.remove(LetterKey(messageID: "a", content: 1))
        #expect(index.entries(id: "a").map(\.key.content) == [2])
        #expect(index.id(of: try #require(index.entries(id: "a").first)) == "a")
        #expect(index.count == 3)
    }

    @Test func itKeepsItsOrderHoweverMuchIsTakenOut() {
        var index = DeadLetterIndex()
        for number in 0..<20_000 { index.append(.test("\(number)", place: nil)) }
        var left = Set(0..<20_000)
        for number in (0..<20_000).shuffled().prefix(19_000) {
            left.remove(number)
            #expect(index.remove(LetterKey(messageID: "\(number)", content: 1)) != nil)
        }
        #expect(index.entries.map(\.key.messageID) == left.sorted().map(String.init))
        #expect(index.remove(LetterKey(messageID: "no", content: 1)) == nil)
        for number in left { #expect(index.entry(LetterKey(messageID: "\(number)", content: 1)) != nil) }
    }

    @Test func groupsAreThoseOfOneCauseAndType() {
        var index = DeadLetterIndex()
        for number in 0..<5 { index.append(.test("a\(number)", cause: "order 100\(number) is gone", at: Int64(number), place: nil)) }
        index.append(.test("b", cause: "other", place: nil))
        index.append(.test("c", cause: "order 1009 is gone", type: "u", place: nil))
        let groups = DeadLetterGroup.groups(of: index, queue: "q", selection: .init())
        #expect(groups.map(\.count) == [5, 1, 1])
        #expect(groups[0].first == "1970-01-01T00:00:00Z")
        #expect(groups[0].last == "1970-01-01T00:00:04Z")
        #expect(groups[0].example == "a0")
    }
}

@Suite struct ReplayPlanTests {
    private func index(_ entries: [LetterEntry]) -> DeadLetterIndex {
        var index = DeadLetterIndex()
        for entry in entries { index.append(entry) }
        return index
    }

    @Test func aSelectionKeepsTheQueuesOrder() throws {
        let place = try aPlace()
        let index = index(["a", "b", "c", "d"].map { .test($0, place: place) })
        let plan = try ReplayPlan(index, queue: "q", selection: .init(ids: ["d", "a"]), isForced: false, now: 0)
        #expect(plan.letters.map(\.key.messageID) == ["a", "d"])
        #expect(try ReplayPlan(index, queue: "q", selection: .init(limit: 2), isForced: false, now: 0).letters.count == 2)
        #expect(throws: DeadLetterError.self) { try ReplayPlan(index, queue: "q", selection: .init(ids: ["x"]), isForced: false, now: 0) }
    }

    @Test func overtakingOneOfTheSameSubjectIsTold() throws {
        let place = try aPlace()
        let index = index([
            .test("a1", subject: "a", place: place), .test("b1", subject: "b", place: place), .test("a2", subject: "a", place: place),
            .test("b2", subject: "b", place: place), .test("a3", subject: "a", place: place), .test("n1", place: place),
            .test("n2", place: place),
        ])
        let plan = try ReplayPlan(index, queue: "q", selection: .init(ids: ["a3", "b1", "n2"]), isForced: false, now: 0)
        #expect(plan.overtakings.map(\.subject) == ["a"])
        #expect(plan.overtakings.first?.staying.map(\.key.messageID) == ["a1", "a2"])
        #expect(plan.overtakings.first?.overtakenBy.key.messageID == "a3")
        #expect(try ReplayPlan(index, queue: "q", selection: .init(), isForced: false, now: 0).overtakings.isEmpty)
    }

    @Test func whatTheServiceMayHaveForgottenStaysUnlessForced() throws {
        let place = try aPlace()
        let now = ReplayPlan.oldest + 100
        let index = index([
            .test("old", subject: "s", at: 50, place: place), .test("young", subject: "s", at: 100, place: place),
            .test("lost", place: nil),
        ])
        let plan = try ReplayPlan(index, queue: "q", selection: .init(), isForced: false, now: now)
        #expect(plan.letters.map(\.key.messageID) == ["young"])
        #expect(plan.tooOld.map(\.key.messageID) == ["old"])
        #expect(plan.unavailable.map(\.key.messageID) == ["lost"])
        #expect(plan.overtakings.count == 1)
        let forced = try ReplayPlan(index, queue: "q", selection: .init(), isForced: true, now: now)
        #expect(forced.letters.map(\.key.messageID) == ["old", "young"])
    }
}

@Suite struct ReplayLineTests {
    @Test func noTwoOfOneSubjectAreOnTheirWayTogether() {
        var line = ReplayLine(["a1", "b1", "a2", "x", "y", "b2"]) { $0.hasPrefix("a") || $0.hasPrefix("b") ? String($0.prefix(1)) : "" }
        #expect(line.nextBatch(atMost: 10) == ["a1", "b1"])
        line.settled(unconfirmed: [])
        #expect(line.nextBatch(atMost: 10) == ["a2", "x", "y", "b2"])
        line.settled(unconfirmed: [])
        #expect(line.isDone)
        #expect(line.nextBatch(atMost: 10).isEmpty)
    }

    @Test func whatIsNotConfirmedGoesBeforeTheRest() {
        var line = ReplayLine(["a1", "b1", "c1", "a2"]) { String($0.prefix(1)) }
        #expect(line.nextBatch(atMost: 3) == ["a1", "b1", "c1"])
        line.settled(unconfirmed: [2, 0, 99])
        #expect(line.nextBatch(atMost: 3) == ["a1", "c1"])
        line.settled(unconfirmed: [0])
        #expect(line.nextBatch(atMost: 3) == ["a1"])
        line.settled(unconfirmed: [])
        #expect(line.nextBatch(atMost: 3) == ["a2"])
        line.settled(unconfirmed: [])
        #expect(line.isDone)
    }

    @Test func theOrderOfASubjectHoldsWhateverIsRefused() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let elements = (0..<200).map { (subject: "s\(Int.random(in: 0..<9, using: &generator))", number: $0) }
            var line = ReplayLine(elements) { $0.subject }
            var last: [String: Int] = [:]
            while !line.isDone {
                let batch = line.nextBatch(atMost: 16)
                let refused = Set(batch.indices.filter { _ in .random(in: 0..<4, using: &generator) == 0 })
                for (index, element) in batch.enumerated() where !refused.contains(index) {
                    #expect(last[element.subject, default: -1] < element.number)
                    last[element.subject] = element.number
                }
                line.settled(unconfirmed: Array(refused))
            }
        }
    }
}

@Suite struct ReplayMessageTests {
    @Test func itGoesBackAsItFirstCame() {
        var dead = AMQPMessage.dead("1", subject: "order-1")
        dead.properties.headers["x-death"] = .array([])
        dead.properties.headers["CC"] = .array(["elsewhere"])
        dead.properties.headers["own"] = "stays"
        dead.properties.expiration = .seconds(1)
        dead.properties.userID = "order"
        let message = ReplayMessage.make(dead, edit: nil, replayID: "r-0")
        #expect(message.properties.messageID == "1")
        #expect(Set(message.properties.headers.keys) == ["cloudEvents:id", "cloudEvents:subject", "own", "signalbox-replay"])
        #expect(message.properties.headers["signalbox-replay"] == "r-0")
        #expect(message.properties.expiration == nil && message.properties.userID == nil)
        #expect(message.body == dead.body)
    }

    @Test func anEditIsSaidToBeOneAndKeepsTheID() {
        let edit = EditStore.Edit(queue: "q", key: .init(messageID: "1", content: 0), time: 0, body: [7])
        let message = ReplayMessage.make(.dead("1"), edit: edit, replayID: "r-0")
        #expect(message.body == [7])
        #expect(message.properties.messageID == "1")
        #expect(message.properties.headers["signalbox-edited"] == "1970-01-01T00:00:00Z")
    }

    @Test func oneWithoutAnIDIsKnownByTheReplays() {
        #expect(ReplayMessage.make(AMQPMessage(), edit: nil, replayID: "r-0").properties.messageID == "r-0")
    }
}

@Suite struct HoldWindowTests {
    @Test func itLooksThenHoldsAllThereIsRoomFor() {
        var window = HoldWindow()
        #expect(window.extend(bytes: 0) == nil)
        var total = 0
        while !window.isExhausted(bytes: total * 100) {
            while !window.isFull {
                window.delivered()
                total += 1
            }
            if window.extend(bytes: total * 100) == nil { break }
        }
        #expect(total == HoldWindow.mostLetters)
        #expect(window.holders.map(\.prefetch).allSatisfy { (1...65535).contains($0) })
        #expect(window.holders.count <= HoldWindow.mostHolders)
    }

    @Test func largeMessagesAreHeldInSmallerNumbers() {
        var window = HoldWindow()
        for _ in 0..<HoldWindow.firstPrefetch { window.delivered() }
        #expect(window.extend(bytes: HoldWindow.firstPrefetch << 20) == 24)
        for _ in 0..<24 { window.delivered() }
        #expect(window.extend(bytes: HoldWindow.mostBytes) == nil)
        #expect(window.isExhausted(bytes: HoldWindow.mostBytes))
    }

    @Test func whatIsSettledMakesRoom() {
        var window = HoldWindow()
        for _ in 0..<HoldWindow.firstPrefetch { window.delivered() }
        #expect(window.isFull)
        window.settled(by: 0)
        window.settled(by: 9)
        #expect(!window.isFull)
        #expect(window.held == HoldWindow.firstPrefetch - 1)
    }
}

@Suite struct KeptFilesTests {
    @Test func editsAndReplaysAreThereForTheNextSupervisor() throws {
        let folder = try temporaryDirectory()
        defer { removeDirectory(folder) }
        let key = LetterKey(messageID: "a/b\n", content: .max)
        var edits = EditStore(folder: folder)
        let edit = EditStore.Edit(queue: "q", key: key, time: 5, body: [0, 255])
        try edits.set(edit)
        let journal = ReplayJournal(id: ReplayJournal.makeID(), queue: "q", keys: [key])
        try journal.write(folder: folder)

        var next = EditStore(folder: folder)
        #expect(next.edit(queue: "q", key) == edit)
        #expect(next.edit(queue: "other", key) == nil)
        next.remove(queue: "q", key)
        #expect(!EditStore(folder: folder).isEdited(queue: "q", key))
        #expect(ReplayJournal.all(folder: folder) == [journal])
        journal.remove(folder: folder)
        #expect(ReplayJournal.all(folder: folder).isEmpty)
    }
}
