import Testing

@testable import Gateway

struct ClientConnectionStateTests {
    @Test func keepAliveServesTheNextRequest() {
        var state = ClientConnectionState()
        state.headReceived(keepsAlive: true)
        state.requestEnded()
        let keepsAlive = state.responseBegan(allowsReuse: true)
        #expect(keepsAlive)
        let next = state.responseEnded()
        #expect(next == .nextRequest)
        #expect(state.phase == .awaiting)
    }

    @Test func closeIsSaidAndDone() {
        var state = ClientConnectionState()
        state.headReceived(keepsAlive: false)
        state.requestEnded()
        let keepsAlive = state.responseBegan(allowsReuse: true)
        #expect(!keepsAlive)
        let next = state.responseEnded()
        #expect(next == .close)
    }

    @Test func answerBeforeTheRequestsEndLingers() {
        var state = ClientConnectionState()
        state.headReceived(keepsAlive: true)
        let keepsAlive = state.responseBegan(allowsReuse: true)
        #expect(!keepsAlive)
        let next = state.responseEnded()
        #expect(next == .linger)
    }

    @Test func requestThatEndsDuringTheResponseStillCloses() {
        var state = ClientConnectionState()
        state.headReceived(keepsAlive: true)
        let keepsAlive = state.responseBegan(allowsReuse: true)
        #expect(!keepsAlive)
        state.requestEnded()
        let next = state.responseEnded()
        #expect(next == .close)
    }

    @Test func brokenInputMakesTheResponseTheLast() {
        var state = ClientConnectionState()
        state.headReceived(keepsAlive: true)
        state.requestEnded()
        state.inputBroke()
        let keepsAlive = state.responseBegan(allowsReuse: true)
        #expect(!keepsAlive)
        let next = state.responseEnded()
        #expect(next == .close)
    }
}
