/// Who gets which connection of a pool: decisions only. Whoever waited longest is served first.
struct PoolState {
    typealias SessionID = UInt64
    typealias WaiterID = UInt64

    /// The answer to whoever asks for a connection.
    enum Grant: Equatable {
        /// This one is free: it is now the asker's.
        case use(SessionID)
        /// There is room for one more: the asker is to open it, and say `opened`, or `lost(nil)` when that failed.
        case open
        /// None is free: a later `Handover` will name the waiter.
        case wait
        /// Too many wait already, or the pool is closed.
        case refuse
    }

    /// Who is served next, with what.
    struct Handover: Equatable {
        var waiter: WaiterID
        var grant: Grant
    }

    static let maximumWaiters = 4096

    let maximumConnections: Int
    /// Most recently used last.
    private(set) var idle: [SessionID] = []
    private(set) var inUse: Set<SessionID> = []
    /// Slots held by those who are opening a connection.
    private(set) var opening = 0
    private var waiters: [WaiterID] = []
    private(set) var isClosed = false

    init(maximumConnections: Int) {
        self.maximumConnections = max(1, maximumConnections)
    }

    mutating func request(by waiter: WaiterID) -> Grant {
        if isClosed { return .refuse }
        if let session = idle.popLast() {
            inUse.insert(session)
            return .use(session)
        }
        if idle.count + inUse.count + opening < maximumConnections {
            opening += 1
            return .open
        }
        if waiters.count >= Self.maximumWaiters { return .refuse }
        waiters.append(waiter)
        return .wait
    }

    /// The one who was told `open` has done so, and has it.
    mutating func opened(_ session: SessionID) {
        precondition(opening > 0, "a connection was opened without a slot")
        opening -= 1
        inUse.insert(session)
    }

    /// The one who was told `open` could not.
    mutating func openFailed() -> Handover? {
        precondition(opening > 0, "opening failed without a slot")
        opening -= 1
        return next()
    }

    /// A session came back in good order.
    mutating func released(_ session: SessionID) -> Handover? {
        guard inUse.remove(session) != nil else { return nil }
        idle.append(session)
        return next()
    }

    /// A session is dead, whether it was idle or in use.
    mutating func lost(_ session: SessionID) -> Handover? {
        if let index = idle.firstIndex(of: session) {
            idle.remove(at: index)
        } else if inUse.remove(session) == nil {
            return nil
        }
        return next()
    }

    /// A waiter has given up; false when it has been served already.
    mutating func abandoned(_ waiter: WaiterID) -> Bool {
        guard let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        return true
    }

    /// - Returns: the idle sessions to close, and the waiters to refuse.
    mutating func close() -> (idle: [SessionID], waiters: [WaiterID]) {
        isClosed = true
        defer {
            idle = []
            waiters = []
        }
        return (idle, waiters)
    }

    private mutating func next() -> Handover? {
        guard !waiters.isEmpty, !isClosed else { return nil }
        if let session = idle.popLast() {
            inUse.insert(session)
            return Handover(waiter: waiters.removeFirst(), grant: .use(session))
        }
        guard idle.count + inUse.count + opening < maximumConnections else { return nil }
        opening += 1
        return Handover(waiter: waiters.removeFirst(), grant: .open)
    }
}
