/// Which instance of which service, and which of its two places. Its text, `order/2` or `order/2b`, names the process to the keeper.
package struct InstanceID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Two processes of one instance exist only while one replaces the other; then they are in different slots.
    package enum Slot: UInt8, Sendable, Hashable, CaseIterable {
        case a, b

        package var other: Slot { self == .a ? .b : .a }
    }

    package var service: String
    /// From 1.
    package var number: Int
    package var slot: Slot

    package init(_ service: String, _ number: Int, _ slot: Slot = .a) {
        self.service = service
        self.number = number
        self.slot = slot
    }

    /// Nil when the text is none that a supervisor has written.
    package init?(_ text: String) {
        guard let slash = text.lastIndex(of: "/") else { return nil }
        var digits = text[text.index(after: slash)...]
        let slot: Slot = digits.hasSuffix("b") ? .b : .a
        if slot == .b { digits.removeLast() }
        guard let number = Int(digits), number > 0 else { return nil }
        self.init(String(text[..<slash]), number, slot)
    }

    package var description: String { slot == .a ? "\(service)/\(number)" : "\(service)/\(number)b" }

    package static func < (left: InstanceID, right: InstanceID) -> Bool {
        (left.service, left.number, left.slot.rawValue) < (right.service, right.number, right.slot.rawValue)
    }
}
