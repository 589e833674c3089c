import Testing

@testable import Postgres

@Suite struct PoolStateTests {
    @Test func opensUpToItsLimitThenLetsWait() {
        var pool = PoolState(maximumConnections: 2)
        #expect(pool.request(by: 1) == .open)
        #expect(pool.request(by: 2) == .open)
        #expect(pool.request(by: 3) == .wait)
        pool.opened(10)
        pool.opened(11)
        #expect(pool.request(by: 4) == .wait)
        #expect(pool.released(10) == .init(waiter: 3, grant: .use(10)))
        #expect(pool.released(11) == .init(waiter: 4, grant: .use(11)))
        #expect(pool.released(11) == nil)
        #expect(pool.request(by: 5) == .use(11))
    }

    @Test func theMostRecentlyUsedGoesFirst() {
        var pool = PoolState(maximumConnections: 2)
        _ = (pool.request(by: 1), pool.request(by: 2))
        pool.opened(10)
        pool.opened(11)
        _ = (pool.released(10), pool.released(11))
        #expect(pool.request(by: 3) == .use(11))
    }

    @Test func aDeadConnectionsPlaceGoesToWhoWaits() {
        var pool = PoolState(maximumConnections: 1)
        _ = pool.request(by: 1)
        pool.opened(10)
        _ = pool.request(by: 2)
        #expect(pool.lost(10) == .init(waiter: 2, grant: .open))
        #expect(pool.lost(10) == nil)
        _ = pool.request(by: 3)
        #expect(pool.openFailed() == .init(waiter: 3, grant: .open))
        #expect(pool.openFailed() == nil)
        #expect(pool.request(by: 4) == .open)
    }

    @Test func anIdleConnectionMayDie() {
        var pool = PoolState(maximumConnections: 1)
        _ = pool.request(by: 1)
        pool.opened(10)
        _ = pool.released(10)
        #expect(pool.lost(10) == nil)
        #expect(pool.request(by: 2) == .open)
    }

    @Test func whoGaveUpIsPassedOver() {
        var pool = PoolState(maximumConnections: 1)
        _ = pool.request(by: 1)
        pool.opened(10)
        _ = (pool.request(by: 2), pool.request(by: 3))
        let first = pool.abandoned(2)
        let second = pool.abandoned(2)
        #expect(first && !second)
        #expect(pool.released(10) == .init(waiter: 3, grant: .use(10)))
    }

    @Test func theLineIsBounded() {
        var pool = PoolState(maximumConnections: 1)
        _ = pool.request(by: 0)
        for waiter in 1...UInt64(PoolState.maximumWaiters) { #expect(pool.request(by: waiter) == .wait) }
        #expect(pool.request(by: 1_000_000) == .refuse)
    }

    @Test func aClosedPoolRefusesAndTakesNothingBack() {
        var pool = PoolState(maximumConnections: 2)
        _ = (pool.request(by: 1), pool.request(by: 2))
        pool.opened(10)
        pool.opened(11)
        _ = pool.released(10)
        _ = pool.request(by: 3)
        _ = pool.request(by: 4)
        let closed = pool.close()
        #expect(closed.idle.isEmpty && closed.waiters == [4])
        #expect(pool.request(by: 5) == .refuse)
        #expect(pool.released(11) == nil)
    }
}
