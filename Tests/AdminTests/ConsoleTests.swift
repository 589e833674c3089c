import Supervision
import Testing

@testable import Admin

@Suite struct ConsoleTests {
    @Test func theStatusTableLinesUp() {
        let lines = StatusTable.services(FakeSupervisor.shop(state: .ready), style: .plain)
        #expect(
            lines == [
                "SERVICE  STATE  INSTANCES  RESTARTS  PID      PORT         REASON",
                "broker   ready  1/1        0         101      20001",
                "order    ready  2/2        3         102,103  20002,20003",
            ])
    }

    @Test func linesThatWereLostAreTold() {
        var status = FakeSupervisor.shop(state: .ready)
        #expect(!StatusTable.services(status, style: .plain).joined().contains("could not be kept"))
        status.services[1].instances[0].droppedLines = 40
        status.services[1].instances[1].droppedLines = 2
        #expect(StatusTable.services(status, style: .plain).last?.contains("42 lines of its output could not be kept") == true)
    }

    @Test func reasonsAreCutToTheTerminal() {
        let lines = StatusTable.services(FakeSupervisor.shop(state: .starting), style: .plain, width: 75)
        #expect(lines.last?.hasSuffix("waits for d…") == true || lines.last?.count ?? 99 <= 75)
        #expect(lines.allSatisfy { $0.count <= 75 })
    }

    @Test func coloursTakeNoRoom() {
        let plain = StatusTable.services(FakeSupervisor.shop(state: .ready), style: .plain)
        let coloured = StatusTable.services(FakeSupervisor.shop(state: .ready), style: TerminalStyle(isColoured: true))
        #expect(coloured != plain)
        let stripped = coloured.map { $0.replacing(/\u{1B}\[\d+m/, with: "") }
        #expect(stripped == plain)
    }

    @Test func addressesEndWithTheAdminsOwn() {
        let lines = StatusTable.addresses(FakeSupervisor.shop(state: .ready), stateDirectory: "/srv/.signalbox", style: .plain)
        #expect(
            lines == [
                "Gateway    http://127.0.0.1:8080", "Admin      http://127.0.0.1:9900", "Dashboard  http://127.0.0.1:9900/",
                "Token      /srv/.signalbox/admin.token",
            ])
    }

    @Test func scaleWishesAreReadBothWays() {
        #expect(ScaleWish.parse(["order=3"]) == [ScaleWish(service: "order", instances: 3)])
        #expect(ScaleWish.parse(["order", "3"]) == [ScaleWish(service: "order", instances: 3)])
        #expect(
            ScaleWish.parse(["order=3", "payment", "0"]) == [
                ScaleWish(service: "order", instances: 3), ScaleWish(service: "payment", instances: 0),
            ])
        for wrong in [[], ["order"], ["order="], ["=3"], ["order=three"], ["order=-1"], ["order", "payment"], ["order=3", "payment"]] {
            #expect(ScaleWish.parse(wrong) == nil, "\(wrong)")
        }
    }

    @Test func theStateDirectoryLiesBesideTheFile() {
        func location(_ file: String?, _ state: String? = nil, _ environment: [String: String] = [:]) -> TopologyLocation {
            TopologyLocation(file: file, stateDirectory: state, environment: environment, workingDirectory: "/srv/shop")
        }
        #expect(location(nil).file == "/srv/shop/topology.yaml")
        #expect(location(nil).stateDirectory == "/srv/shop/.signalbox")
        #expect(location(nil).shownFile == "./topology.yaml")
        #expect(location("../x/./t.yaml").file == "/srv/x/t.yaml")
        #expect(location("/etc/t.yaml").stateDirectory == "/etc/.signalbox")
        #expect(location("/t.yaml").stateDirectory == "/.signalbox")
        #expect(location(nil, "state").stateDirectory == "/srv/shop/state")
        #expect(location(nil, nil, ["STATE_DIRECTORY": "/var/lib/signalbox:/var/lib/other"]).stateDirectory == "/var/lib/signalbox")
        #expect(location(nil, "/x", ["STATE_DIRECTORY": "/var/lib/signalbox"]).stateDirectory == "/x")
        #expect(location(nil).socketPath == "/srv/shop/.signalbox/admin.sock")
    }

    @Test func transitionsAreOneLine() {
        #expect(
            FakeSupervisor.transition(4).line(style: .plain)
                == "12:00:04  order/1  starting → ready  its readiness probe succeeded (status 200)")
    }

    @Test func eachServiceArrivesOnce() {
        var progress = StartupProgress(style: .plain)
        let starting = FakeSupervisor.shop(state: .starting)
        #expect(progress.arrivals(starting, after: .milliseconds(2340)) == ["✔ broker ready after 2.3 s"])
        #expect(progress.arrivals(starting, after: .seconds(3)).isEmpty)
        #expect(progress.waiting(starting, after: .seconds(3), frame: 0) == ["⠋ order waiting 0/2  3.0 s  waits for database"])
        #expect(
            progress.arrivals(FakeSupervisor.shop(state: .ready), after: .seconds(65)) == ["✔ order ready (2 instances) after 1 min 5 s"])
    }
}
