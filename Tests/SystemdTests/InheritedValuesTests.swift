import Systemd
import Testing

@Suite struct InheritedValuesTests {
    @Test func socketsAreForTheProcessThatIsNamed() {
        let environment = ["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "http:admin"]
        #expect(
            InheritedSockets(environment: environment, ownProcess: 42).sockets.map { "\($0.descriptor) \($0.name)" } == [
                "3 http", "4 admin",
            ])
        #expect(InheritedSockets(environment: environment, ownProcess: 43).sockets.isEmpty)
    }

    @Test(arguments: [
        [:], ["LISTEN_PID": "42"], ["LISTEN_PID": "42", "LISTEN_FDS": "0"], ["LISTEN_PID": "42", "LISTEN_FDS": "-1"],
        ["LISTEN_PID": "42", "LISTEN_FDS": "100000"], ["LISTEN_PID": "x", "LISTEN_FDS": "1"],
    ])
    func nonsenseMeansNone(environment: [String: String]) {
        #expect(InheritedSockets(environment: environment, ownProcess: 42).sockets.isEmpty)
    }

    @Test func theWatchdogIsFedTwiceInItsTime() {
        #expect(WatchdogInterval.of(microseconds: "10000000", process: nil, ownProcess: 42) == .seconds(5))
        #expect(WatchdogInterval.of(microseconds: "10000000", process: "42", ownProcess: 42) == .seconds(5))
        #expect(WatchdogInterval.of(microseconds: "10000000", process: "43", ownProcess: 42) == nil)
        #expect(WatchdogInterval.of(microseconds: "0", process: nil, ownProcess: 42) == nil)
        #expect(WatchdogInterval.of(microseconds: nil, process: nil, ownProcess: 42) == nil)
    }
}
