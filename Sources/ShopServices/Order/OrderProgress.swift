import ShopContracts

/// Where an order stands: a pure function of the set of events that were seen of it, in whatever order they arrived.
struct OrderProgress: Equatable {
    enum Status: String, Sendable {
        /// Accepted; the inventory has not answered.
        case pending
        /// Its pieces are set aside; the payment provider has not answered.
        case reserved
        /// Paid; the stock has not been booked.
        case paid
        /// The end: sold.
        case confirmed
        /// Declined; its pieces are not yet released.
        case declined
        /// The end: there was no stock.
        case rejected
        /// The end: declined, and its pieces are released.
        case cancelled

        var isEnd: Bool { self == .confirmed || self == .rejected || self == .cancelled }
    }

    private var seen: Set<String>

    init(seen: some Sequence<String>) {
        self.seen = Set(seen)
    }

    var status: Status {
        if has(InventoryRejected.type) { return .rejected }
        if has(PaymentFailed.type) { return has(InventoryReleased.type) && has(InventoryReserved.type) ? .cancelled : .declined }
        if has(PaymentSuccess.type) { return has(InventoryUpdated.type) && has(InventoryReserved.type) ? .confirmed : .paid }
        return has(InventoryReserved.type) ? .reserved : .pending
    }

    private func has(_ type: String) -> Bool { seen.contains(type) }
}
