/// The numbers that are not in use; 0 belongs to the connection.
struct ChannelNumbers {
    private let highest: UInt16
    private var next: UInt16 = 1
    private var free: [UInt16] = []

    init(highest: Int = 0) {
        self.highest = UInt16(clamping: highest)
    }

    mutating func take() -> UInt16? {
        if let number = free.popLast() { return number }
        guard next <= highest, next < .max else { return nil }
        defer { next += 1 }
        return next
    }

    mutating func putBack(_ number: UInt16) {
        free.append(number)
    }
}
