import Glibc
@testable import Keeper
import Testing

/// By what processes are told apart.
struct IdentityTests {
    @Test func statIsReadWhateverTheProgramIsCalled() throws {
        let tail = (5...22).map { $0 == 22 ? "4711" : "\($0)" }.joined(separator: " ")
        let entry = try #require(ProcessTable.parse(stat: Array("42 (a ) R b) S 7 \(tail) 23 24\n".utf8)))
        #expect(
            entry.pid == 42 && entry.parent == 7 && entry.group == 5 && entry.session == 6 && entry.startTime == 4711 && !entry.isZombie)
        #expect(ProcessTable.parse(stat: Array("42 (x) Z 7 \(tail) 23\n".utf8))?.isZombie == true)
        #expect(ProcessTable.parse(stat: []) == nil)
        #expect(ProcessTable.parse(stat: Array("42 (x) S 7\n".utf8)) == nil)
    }

    @Test func familiesHaveAllDescendants() {
        func entry(_ pid: pid_t, _ parent: pid_t, isZombie: Bool = false) -> ProcessTable.Entry {
            ProcessTable.Entry(pid: pid, parent: parent, group: pid, session: pid, isZombie: isZombie, startTime: 1)
        }
        let all = [entry(1, 0), entry(2, 1), entry(3, 2), entry(4, 3), entry(5, 1), entry(6, 2, isZombie: true)]
        let table = ProcessTable(entries: Dictionary(uniqueKeysWithValues: all.map { ($0.pid, $0) }))
        #expect(table.families { $0.pid == 2 }.map(\.pid).sorted() == [2, 3, 4])
        #expect(table.ancestors(of: 4) == [4, 3, 2, 1])
    }

    @Test func tokensAreFoundInEnvironments() throws {
        let token = RunToken(state: RunToken.name(ofState: "/var/lib/signalbox"), run: "abc", number: 3)
        let environment = Array("PATH=/bin\0XSIGNALBOX_RUN=a-b-1\0SIGNALBOX_RUN=\(token)\0".utf8)
        #expect(RunToken.find(in: environment) == token)
        #expect(RunToken.find(in: Array("SIGNALBOX_RUN=nonsense\0".utf8)) == nil)
        #expect(RunToken.find(in: []) == nil)
        #expect(RunToken.name(ofState: "/a") != RunToken.name(ofState: "/b"))
    }

    @Test func notificationsAreParsed() {
        #expect(NotifySocket.parse(Array("READY=1\nSTATUS=a=b\n\nnonsense\n=x".utf8)) == ["READY": "1", "STATUS": "a=b"])
    }

    @Test func waitingNotificationsOfOneProcessAreMerged() async {
        let queue = EventQueue()
        queue.push(.notified(id: "a", fields: ["STATUS": "one"]))
        queue.push(.notified(id: "b", fields: ["READY": "1"]))
        queue.push(.notified(id: "a", fields: ["STATUS": "two", "READY": "1"]))
        queue.push(.exited(id: "a", .exited(0), isOutOfMemory: false))
        queue.push(.notified(id: "a", fields: ["STATUS": "new life"]))
        queue.finish()
        #expect(await queue.next() == .notified(id: "a", fields: ["STATUS": "two", "READY": "1"]))
        #expect(await queue.next() == .notified(id: "b", fields: ["READY": "1"]))
        #expect(await queue.next() == .exited(id: "a", .exited(0), isOutOfMemory: false))
        #expect(await queue.next() == .notified(id: "a", fields: ["STATUS": "new life"]))
        #expect(await queue.next() == nil)
    }
}
