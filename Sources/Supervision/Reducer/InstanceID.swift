/// Which instance of which service. Its text, `order/2`, names the process to the keeper.
package struct InstanceID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var service: String
    /// From 1.
    package var number: Int

    package init(_ service: String, _ number: Int) {
        self.service = service
        self.number = number
    }

    /// Nil when the text is none that a supervisor has written.
    package init?(_ text: String) {
        guard let slash = text.lastIndex(of: "/"), let number = Int(text[text.index(after: slash)...]), number > 0 else { return nil }
        self.init(String(text[..<slash]), number)
    }

    package var description: String { "\(service)/\(number)" }

    package static func < (left: InstanceID, right: InstanceID) -> Bool {
        (left.service, left.number) < (right.service, right.number)
    }
}
