import Foundation

/// How often each fault happens: a few times where all tests run, as often as was promised with `SIGNALBOX_FAULT_SCALE=full`, and a
/// number is a factor of the few.
package enum FaultScale {
    private static let word = ProcessInfo.processInfo.environment["SIGNALBOX_FAULT_SCALE"] ?? "1"

    package static let isFull = word == "full"

    package static func count(_ usual: Int, full: Int) -> Int {
        if isFull { return full }
        return min(max(1, Int(Double(usual) * (Double(word) ?? 1))), max(full, usual))
    }

    /// For whoever reads the tests' output.
    package static func note(_ figure: String) {
        print("    \(figure)")
    }
}
