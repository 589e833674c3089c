import Testing

@testable import AMQP

struct SubscriptionMachineTests {
    private func active() -> SubscriptionMachine {
        var machine = SubscriptionMachine()
        #expect(machine.connectionOpened() == [.openChannel])
        #expect(machine.consumeConfirmed() == [])
        #expect(machine.state == .active)
        return machine
    }

    @Test func comesBackAfterALostConnection() {
        var machine = active()
        #expect(machine.connectionLost() == [])
        #expect(machine.retryDue() == [])
        #expect(machine.connectionOpened() == [.openChannel])
        #expect(machine.state == .opening)
    }

    @Test func triesAQueueThatIsNotThereAgain() {
        var machine = SubscriptionMachine()
        _ = machine.connectionOpened()
        #expect(machine.channelClosed() == [.retryLater])
        #expect(machine.retryDue() == [.openChannel])
        #expect(machine.consumeConfirmed() == [])
        #expect(machine.state == .active)
    }

    @Test func consumesAgainOnTheSameChannelWhenTheBrokerEndedTheConsumer() {
        var machine = active()
        #expect(machine.consumerCancelled() == [.retryLater])
        #expect(machine.retryDue() == [.consumeAgain])
        #expect(machine.channelClosed() == [.retryLater])
        #expect(machine.retryDue() == [.openChannel])
    }

    @Test func cancellingWaitsForTheBrokerAndThenForTheDeliveries() {
        var machine = active()
        #expect(machine.cancelRequested(hasUnsettled: true) == [.sendCancel])
        #expect(machine.cancelRequested(hasUnsettled: true) == [])
        #expect(machine.allSettled() == [])
        #expect(machine.cancelConfirmed(hasUnsettled: true) == [.finish])
        #expect(machine.state == .draining)
        #expect(machine.allSettled() == [.closeChannel, .end])
        #expect(machine.state == .ended)
    }

    @Test func cancellingWithNothingUnsettledEndsAtOnce() {
        var machine = active()
        _ = machine.cancelRequested(hasUnsettled: false)
        #expect(machine.cancelConfirmed(hasUnsettled: false) == [.finish, .closeChannel, .end])
    }

    @Test func cancellingWithoutAConsumerEndsAtOnce() {
        var disconnected = SubscriptionMachine()
        #expect(disconnected.cancelRequested(hasUnsettled: false) == [.finish, .end])
        var opening = SubscriptionMachine()
        _ = opening.connectionOpened()
        #expect(opening.cancelRequested(hasUnsettled: false) == [.closeChannel, .finish, .end])
        var waiting = active()
        _ = waiting.consumerCancelled()
        #expect(waiting.cancelRequested(hasUnsettled: true) == [.finish])
        #expect(waiting.allSettled() == [.closeChannel, .end])
        var closed = active()
        _ = closed.channelClosed()
        #expect(closed.cancelRequested(hasUnsettled: false) == [.finish, .end])
        #expect(closed.connectionOpened() == [])
    }

    @Test func aLossWhileCancellingEndsIt() {
        var cancelling = active()
        _ = cancelling.cancelRequested(hasUnsettled: true)
        #expect(cancelling.connectionLost() == [.finish, .end])
        var draining = active()
        _ = draining.cancelRequested(hasUnsettled: true)
        _ = draining.cancelConfirmed(hasUnsettled: true)
        #expect(draining.channelClosed() == [.end])
        #expect(draining.connectionLost() == [])
    }

    @Test func droppingEndsItOnce() {
        var machine = active()
        #expect(machine.dropped() == [.closeChannel, .finish, .end])
        #expect(machine.dropped() == [])
    }
}
