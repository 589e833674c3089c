@testable import Keeper
import Testing

struct NotifyFieldsTests {
    @Test func laterFieldsTakeThePlaceOfEarlierOnes() {
        #expect(NotifyFields.merged(["STATUS": "one", "READY": "1"], ["STATUS": "two"]) == ["STATUS": "two", "READY": "1"])
    }

    @Test func aWatchdogThatWasTriggeredStaysSo() async {
        #expect(NotifyFields.merged(["WATCHDOG": "trigger"], ["WATCHDOG": "1"]) == ["WATCHDOG": "trigger"])
        #expect(NotifyFields.merged(["WATCHDOG": "1"], ["WATCHDOG": "trigger"]) == ["WATCHDOG": "trigger"])
        #expect(NotifySocket.parse(Array("WATCHDOG=trigger\nWATCHDOG=1\n".utf8)) == ["WATCHDOG": "trigger"])
        let queue = EventQueue()
        queue.push(.notified(id: "a", fields: ["WATCHDOG": "trigger"]))
        queue.push(.notified(id: "a", fields: ["WATCHDOG": "1"]))
        #expect(await queue.next() == .notified(id: "a", fields: ["WATCHDOG": "trigger"]))
    }
}
