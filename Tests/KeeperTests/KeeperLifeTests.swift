@testable import Keeper
import Testing

struct KeeperLifeTests {
    private let now = ContinuousClock.now

    @Test func aSupervisorThatDiesIsStartedAgainEverLater() {
        var life = KeeperLife()
        let delays = (0..<8).map { _ in life.supervisorExited(.signalled(11, coreDumped: false), after: .seconds(1)) }
        #expect(delays == [0, 100, 200, 400, 800, 1600, 2000, 2000].map { .restartSupervisor(after: .milliseconds($0)) })
        #expect(life.supervisorExited(.exited(1), after: .seconds(10)) == .restartSupervisor(after: .zero))
        #expect(life.supervisorExited(.exited(1), after: .seconds(1)) == .restartSupervisor(after: .milliseconds(100)))
    }

    @Test func aSupervisorThatSomebodyKilledAtWorkIsStartedAgainAtOnceEachTime() {
        var life = KeeperLife()
        let killed = ExitStatus.signalled(9, coreDumped: false)
        for _ in 1...100 {
            life.supervisorListed()
            #expect(life.supervisorExited(killed, after: .milliseconds(20)) == .restartSupervisor(after: .zero))
        }
        // Not one that has not come to work; but that it was killed is not its fault.
        let delays = (0..<4).map { _ in life.supervisorExited(killed, after: .milliseconds(20)) }
        #expect(delays == [100, 100, 100, 100].map { .restartSupervisor(after: .milliseconds($0)) })
        life.supervisorListed()
        #expect(life.supervisorExited(killed, after: .milliseconds(20)) == .restartSupervisor(after: .zero))
        // One that crashes by itself is not followed at once again and again, even if it had listed.
        let crashes = (0..<3).map { _ in
            life.supervisorListed()
            return life.supervisorExited(.signalled(11, coreDumped: false), after: .seconds(1))
        }
        #expect(crashes == [100, 200, 400].map { .restartSupervisor(after: .milliseconds($0)) })
    }

    @Test func aMistakeInTheConfigurationEndsNothingThatRuns() {
        var life = KeeperLife()
        let delays = (0..<3).map { _ in life.supervisorExited(.exited(78), after: .seconds(1), holdsProcesses: true) }
        #expect(delays == [0, 100, 200].map { .restartSupervisor(after: .milliseconds($0)) })
        #expect(life.state == .serving)
        #expect(life.supervisorExited(.exited(78), after: .seconds(1)) == .killEverything)
        #expect(life.state == .ending(status: 78))
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
        #expect(life.supervisorExited(.exited(1), after: .zero) == .restartSupervisor(after: .zero))
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

    @Test func aReplacedSupervisorIsFollowedByItsSuccessor() {
        var life = KeeperLife()
        let isDone = life.replacementWasRequested()
        let isDoneAgain = life.replacementWasRequested()
        #expect(isDone && !isDoneAgain)
        // Whatever it exits with, it meant its own end alone.
        #expect(life.supervisorExited(.exited(0), after: .seconds(60)) == .startSuccessor)
        #expect(life.replacement == .onTrial(hasListed: false))
        life.supervisorListed()
        let ended = life.trialEnded()
        #expect(ended == nil)
        #expect(life.replacement == .none && life.state == .serving)
        #expect(life.supervisorExited(.exited(1), after: .seconds(60)) == .restartSupervisor(after: .zero))
    }

    @Test(arguments: [Int32(2), 78, 1])
    func aSuccessorThatEndsOnTrialIsReplacedByTheOneBefore(code: Int32) {
        var life = KeeperLife()
        _ = life.replacementWasRequested()
        _ = life.supervisorExited(.exited(0), after: .seconds(60))
        life.supervisorListed()
        #expect(life.supervisorExited(.exited(code), after: .seconds(1)) == .startPredecessor)
        #expect(life.replacement == .none)
        #expect(life.supervisorExited(.exited(1), after: .seconds(1)) == .restartSupervisor(after: .milliseconds(100)))
    }

    @Test func exitingWithZeroIsAFailureOnlyBeforeItHasListed() {
        var life = KeeperLife()
        _ = life.replacementWasRequested()
        _ = life.supervisorExited(.exited(0), after: .seconds(60))
        var other = life
        #expect(life.supervisorExited(.exited(0), after: .seconds(1)) == .startPredecessor)
        other.supervisorListed()
        #expect(other.supervisorExited(.exited(0), after: .seconds(1)) == .killEverything)
        #expect(other.state == .ending(status: 0))
    }

    @Test func aSuccessorThatDoesNotListIsKilled() {
        var life = KeeperLife()
        _ = life.replacementWasRequested()
        _ = life.supervisorExited(.exited(0), after: .seconds(60))
        #expect(life.trialEnded() == .killSupervisor)
        #expect(life.supervisorExited(.signalled(9, coreDumped: false), after: .seconds(10)) == .startPredecessor)
    }

    @Test func aSuccessorThatCannotBeExecutedIsReplacedAtOnce() {
        var life = KeeperLife()
        _ = life.replacementWasRequested()
        _ = life.supervisorExited(.exited(0), after: .seconds(60))
        #expect(life.supervisorFailedToStart(isFirst: false) == .startPredecessor)
        #expect(life.supervisorFailedToStart(isFirst: false) == .restartSupervisor(after: .milliseconds(100)))
    }

    @Test func aStopDuringATrialIsAnOrdinaryStop() {
        var life = KeeperLife()
        _ = life.replacementWasRequested()
        #expect(life.stopWasRequested(at: now) == .tellSupervisorToStop)
        // It may have exited before it heard of the stop: the next one is told.
        #expect(life.supervisorExited(.exited(0), after: .seconds(60)) == .startSuccessor)
        #expect(life.supervisorExited(.exited(0), after: .seconds(1)) == .killEverything)
        #expect(life.state == .ending(status: 0))
    }
}
