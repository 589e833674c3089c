@testable import Keeper
import Testing

struct KeeperLifeTests {
    private let now = ContinuousClock.now

    @Test func aSupervisorThatDiesIsStartedAgainEverLater() {
        var life = KeeperLife()
        let delays = (0..<7).map { _ in life.supervisorExited(.signalled(9, coreDumped: false), after: .seconds(1)) }
        #expect(delays == [100, 200, 400, 800, 1600, 2000, 2000].map { .restartSupervisor(after: .milliseconds($0)) })
        #expect(life.supervisorExited(.exited(1), after: .seconds(10)) == .restartSupervisor(after: .milliseconds(100)))
    }

    @Test func itEndsWithTheSupervisor() {
        for status: Int32 in [0, 78] {
            var life = KeeperLife()
            #expect(life.supervisorExited(.exited(status), after: .zero) == .killEverything)
            #expect(life.state == .ending(status: status))
        }
    }

    @Test func theSecondRequestIsTheLast() {
        var life = KeeperLife()
        #expect(life.stopWasRequested(at: now) == .tellSupervisorToStop)
        // One Ctrl-C by two ways.
        #expect(life.stopWasRequested(at: now + .milliseconds(100)) == nil)
        #expect(life.stopWasRequested(at: now + .seconds(1)) == .killEverything)
        #expect(life.stopWasRequested(at: now + .seconds(2)) == nil)
        #expect(life.state == .ending(status: 1))
    }

    @Test func aSupervisorThatCrashesWhileItStopsIsStartedAgain() {
        var life = KeeperLife()
        _ = life.stopWasRequested(at: now)
        #expect(life.supervisorExited(.exited(1), after: .zero) == .restartSupervisor(after: .milliseconds(100)))
        #expect(life.stopTimedOut() == .killEverything)
        #expect(life.stopTimedOut() == nil)
        #expect(life.supervisorExited(.exited(0), after: .zero) == nil)
        #expect(life.state == .ending(status: 1))
    }

    @Test func aSupervisorThatCannotBeExecutedIsAnErrorOnlyAtFirst() {
        var life = KeeperLife()
        #expect(life.supervisorFailedToStart(isFirst: false) == .restartSupervisor(after: .milliseconds(100)))
        #expect(life.supervisorFailedToStart(isFirst: true) == .killEverything)
    }
}
