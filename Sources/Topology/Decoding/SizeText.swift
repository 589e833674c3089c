/// Sizes as people write them: `512K`, `256M`, `1.5G`, or plain bytes. K, KB and KiB are all 1024 bytes, as in compose files.
package enum SizeText {
    private static let letters = "KMGTP"

    /// Nil where it is not one, or beyond the range of Int.
    package static func read(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = text.dropFirst(digits.count).uppercased()[...]
        if unit.hasSuffix("IB") { unit = unit.dropLast(2) } else if unit.hasSuffix("B") { unit = unit.dropLast() }
        var factor = 1
        if let letter = unit.first {
            guard unit.count == 1, let position = letters.firstIndex(of: letter) else { return nil }
            factor = 1 << (10 * (letters.distance(from: letters.startIndex, to: position) + 1))
        }
        if let whole = Int(digits) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        guard let number = Double(digits), digits.first != ".", digits.last != "." else { return nil }
        let product = (number * Double(factor)).rounded()
        return product < 9e18 ? Int(product) : nil
    }

    package static func write(_ bytes: Int) -> String {
        var (value, unit) = (bytes, "")
        for letter in letters where value >= 1024 && value % 1024 == 0 {
            (value, unit) = (value / 1024, String(letter))
        }
        return "\(value)\(unit)"
    }
}
