/// Looks for some bytes among many. Horspool, "Practical fast searching in strings", Software: Practice and Experience 10, 1980.
struct ByteSearch: Sendable {
    private let wanted: [UInt8]
    /// By the byte under the end of `wanted`: how far it can be moved on.
    private let shifts: [Int]

    init(_ wanted: [UInt8]) {
        self.wanted = wanted
        var shifts = [Int](repeating: max(1, wanted.count), count: 256)
        for (place, byte) in wanted.dropLast().enumerated() { shifts[Int(byte)] = wanted.count - 1 - place }
        self.shifts = shifts
    }

    /// - Parameter place: where to begin.
    func first(in bytes: UnsafeRawBufferPointer, from place: Int) -> Int? {
        guard let last = wanted.last, place >= 0 else { return nil }
        var place = place
        while place <= bytes.count - wanted.count {
            let end = bytes[place + wanted.count - 1]
            if end == last, bytes[place..<(place + wanted.count)].elementsEqual(wanted) { return place }
            place += shifts[Int(end)]
        }
        return nil
    }
}
